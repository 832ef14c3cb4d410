/// The part of a JSON value whose keys are known, as places in the bytes it was read from: nothing is copied.
///
/// Members whose key is not known are checked and passed over, so that what they hold is kept nowhere.
package struct JSONOutline: Sendable {
    package enum Kind: UInt8, Sendable { case null, `true`, `false`, number, text, array, object }

    /// One value; the values inside it follow it.
    package struct Node: Sendable {
        package var kind: Kind
        package var hasEscapes = false
        /// Index into the known keys; -1 for an element of an array, and for a member of an open object.
        package var key: Int16
        /// Nodes of this value: itself and all inside it.
        package var size: UInt32 = 1
        /// Place of a text's or number's bytes.
        package var start: UInt32 = 0
        package var end: UInt32 = 0
    }

    package private(set) var nodes: [Node] = []
    /// Bytes that can be told apart by 32 bits.
    package static let bytesLimit = Int(UInt32.max)

    package init() {}

    /// Reads the value that the scanner stands before in place of what was read before.
    package mutating func read(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, keys: JSONKeys
    ) throws(JSONError) {
        nodes.removeAll(keepingCapacity: true)
        try read(&scanner, bytes, keys, key: -1, isOpen: false, depth: 0)
    }

    private mutating func read(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ keys: JSONKeys, key: Int16, isOpen: Bool, depth: Int
    ) throws(JSONError) {
        switch scanner.peek(bytes) {
        case UInt8(ascii: "\"")?:
            let text = try scanner.text(bytes)
            nodes.append(
                Node(
                    kind: .text, hasEscapes: text.hasEscapes, key: key, start: UInt32(text.start), end: UInt32(text.end)
                ))
        case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
            guard depth < JSONScanner.depthLimit else {
                throw JSONError(offset: scanner.position, reason: "more than \(JSONScanner.depthLimit) levels")
            }
            let index = nodes.count
            let isArray = scanner.skip(UInt8(ascii: "["), bytes)
            nodes.append(Node(kind: isArray ? .array : .object, key: key))
            if isArray {
                try readElements(&scanner, bytes, keys, isOpen: isOpen, depth: depth + 1)
            } else {
                try readMembers(&scanner, bytes, keys, isOpen: isOpen, depth: depth + 1)
            }
            nodes[index].size = UInt32(nodes.count - index)
        default: nodes.append(JSONOutline.node(try scanner.scalar(bytes), key: key))
        }
    }

    private static func node(_ scalar: JSONScalar, key: Int16) -> Node {
        switch scalar {
        case .null: Node(kind: .null, key: key)
        case .true: Node(kind: .true, key: key)
        case .false: Node(kind: .false, key: key)
        case .number(let start, let end): Node(kind: .number, key: key, start: UInt32(start), end: UInt32(end))
        }
    }

    private mutating func readElements(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ keys: JSONKeys, isOpen: Bool, depth: Int
    ) throws(JSONError) {
        if scanner.skip(UInt8(ascii: "]"), bytes) { return }
        repeat {
            try read(&scanner, bytes, keys, key: -1, isOpen: isOpen, depth: depth)
        } while try scanner.hasNext(before: UInt8(ascii: "]"), bytes)
    }

    /// An open object's members all stay, each after its key as a text of its own.
    private mutating func readMembers(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ keys: JSONKeys, isOpen: Bool, depth: Int
    ) throws(JSONError) {
        _ = scanner.skip(UInt8(ascii: "{"), bytes)
        if scanner.skip(UInt8(ascii: "}"), bytes) { return }
        repeat {
            let text = try scanner.key(bytes)
            if isOpen {
                nodes.append(
                    Node(
                        kind: .text, hasEscapes: text.hasEscapes, key: -1, start: UInt32(text.start),
                        end: UInt32(text.end)))
                try read(&scanner, bytes, keys, key: -1, isOpen: true, depth: depth)
            } else if let key = keys.index(of: text, in: bytes) {
                try read(&scanner, bytes, keys, key: key, isOpen: keys.isOpen(key), depth: depth)
            } else {
                try JSONOutline.skip(&scanner, bytes, depth: depth)
            }
        } while try scanner.hasNext(before: UInt8(ascii: "}"), bytes)
    }

    /// Passes over a value, which must be JSON all the same.
    package static func skip(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int = 0
    ) throws(JSONError) {
        switch scanner.peek(bytes) {
        case UInt8(ascii: "\"")?: _ = try scanner.text(bytes)
        case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
            guard depth < JSONScanner.depthLimit else {
                throw JSONError(offset: scanner.position, reason: "more than \(JSONScanner.depthLimit) levels")
            }
            let isArray = scanner.skip(UInt8(ascii: "["), bytes)
            let end = UInt8(ascii: isArray ? "]" : "}")
            if !isArray { _ = scanner.skip(UInt8(ascii: "{"), bytes) }
            if scanner.skip(end, bytes) { return }
            repeat {
                if !isArray { _ = try scanner.key(bytes) }
                try skip(&scanner, bytes, depth: depth + 1)
            } while try scanner.hasNext(before: end, bytes)
        default: _ = try scanner.scalar(bytes)
        }
    }
}

extension JSONOutline {
    /// The nodes directly inside the container at `index`.
    package func elements(of index: Int) -> [Int] {
        var elements: [Int] = []
        var next = index + 1
        while next < index + Int(nodes[index].size) {
            elements.append(next)
            next += Int(nodes[next].size)
        }
        return elements
    }

    /// The member of an object, by the key as the set spells it; nil where there is none.
    package func member(_ key: String, of index: Int = 0, keys: JSONKeys) -> Int? {
        guard !nodes.isEmpty, nodes[index].kind == .object, let key = keys.index(of: key) else { return nil }
        return elements(of: index).first { nodes[$0].key == key }
    }

    /// Makes of an array the object whose members have these keys, one for each element; nil leaves an element out.
    package mutating func makeObject(_ keys: [Int16?]) {
        guard !nodes.isEmpty, nodes[0].kind == .array else { return }
        var object = [Node(kind: .object, key: -1)]
        for (place, key) in zip(elements(of: 0), keys) {
            guard let key else { continue }
            var part = Array(nodes[place..<place + Int(nodes[place].size)])
            part[0].key = key
            object += part
        }
        object[0].size = UInt32(object.count)
        nodes = object
    }
}
