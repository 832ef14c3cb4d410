import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What a drawing holds, read back from its SVG.
struct DrawnDocument {
    struct Box: Hashable {
        var left: Int
        var top: Int
        var width: Int
        var height: Int

        func overlaps(_ other: Box) -> Bool {
            left < other.left + other.width && other.left < left + width && top < other.top + other.height
                && other.top < top + height
        }

        func holds(_ other: Box) -> Bool {
            other.left >= left && other.top >= top && other.left + other.width <= left + width
                && other.top + other.height <= top + height
        }
    }

    struct Element {
        var name: String
        var classes: Set<String>
        var attributes: [String: String]
        var text = ""
        /// Of itself and the elements around it.
        var allClasses: Set<String>
        /// Where its panel's origin is.
        var left: Int
        var top: Int
        /// Of the group that it stands in.
        var title = ""
    }

    private(set) var elements: [Element] = []
    private(set) var page = Box(left: 0, top: 0, width: 0, height: 0)

    /// Nil for what is no well-formed XML.
    init?(_ svg: String) {
        let reader = Reader()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        guard parser.parse() else { return nil }
        elements = reader.elements
        let sizes = elements[0].attributes["viewBox"]?.split(separator: " ").compactMap { Int($0) } ?? []
        guard sizes.count == 4 else { return nil }
        page = Box(left: sizes[0], top: sizes[1], width: sizes[2], height: sizes[3])
    }

    func all(_ classes: String...) -> [Element] { elements.filter { $0.classes.isSuperset(of: classes) } }

    /// Texts inside groups of these classes.
    func texts(in classes: String...) -> [String] {
        elements.filter { $0.name == "text" && $0.allClasses.isSuperset(of: classes) }.map(\.text)
    }

    var frames: [Box] {
        all("frame").map { element in
            let value = { (name: String) in element.attributes[name].flatMap { Int($0) } ?? 0 }
            return Box(
                left: element.left + value("x"), top: element.top + value("y"), width: value("width"),
                height: value("height"))
        }
    }

    /// Pieces of all lines between boxes.
    var pieces: [Box] {
        let kinds: Set<String> = ["trunk", "link", "site-line", "forward", "return"]
        return elements.filter { $0.name == "path" && !$0.allClasses.isDisjoint(with: kinds) }
            .filter { !$0.classes.contains("cross") && !$0.allClasses.contains("legend") }.flatMap(pieces(of:))
    }

    private func pieces(of element: Element) -> [Box] {
        let lines = (element.attributes["d"] ?? "").split(separator: "M").map { line in
            line.split(separator: "L").map { $0.split(separator: " ").compactMap { Int($0) } }
        }
        return lines.flatMap { line in
            zip(line, line.dropFirst()).map { one, other in
                Box(
                    left: element.left + min(one[0], other[0]), top: element.top + min(one[1], other[1]),
                    width: abs(one[0] - other[0]), height: abs(one[1] - other[1]))
            }
        }
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [Element] = []
        private var open: [Int] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            let parent = open.last.map { elements[$0] }
            let classes = Set((attributes["class"] ?? "").split(separator: " ").map(String.init))
            var element = Element(
                name: name, classes: classes, attributes: attributes,
                allClasses: classes.union(parent?.allClasses ?? []), left: parent?.left ?? 0, top: parent?.top ?? 0)
            if let move = attributes["transform"]?.split(whereSeparator: { "() ".contains($0) }), move.count == 3 {
                element.left += Int(move[1]) ?? 0
                element.top += Int(move[2]) ?? 0
            }
            open.append(elements.count)
            elements.append(element)
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if let last = open.last { elements[last].text += text }
        }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            let last = open.removeLast()
            if name == "title", let parent = open.last { elements[parent].title = elements[last].text }
        }
    }
}
