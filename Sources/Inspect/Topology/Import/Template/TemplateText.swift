/// Templates are more than JSON: Azure Resource Manager takes comments and texts over several lines [learn:
/// azure-resource-manager/templates/syntax, comments and multi-line strings].
enum TemplateText {
    /// A template names its schema among its first keys; a comment may stand before it.
    private static let headBytes = 16_384
    private static let marks = ["deploymenttemplate.json", "deploymentparameters.json"].map { Array($0.utf8) }

    /// The template as plain JSON, of the same length, so that errors name the right place: comments are blank, and so are
    /// line breaks inside texts. Nil for what is no template, and for one that is plain already.
    static func plain(_ bytes: [UInt8]) -> [UInt8]? {
        guard isTemplate(bytes.prefix(headBytes)) else { return nil }
        var result = bytes
        var index = 0
        var isChanged = false
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): index = blankText(from: index + 1, in: &result, &isChanged)
            case UInt8(ascii: "/"): index = blankComment(from: index, in: &result, &isChanged)
            default: index += 1
            }
        }
        return isChanged ? result : nil
    }

    private static func isTemplate(_ head: ArraySlice<UInt8>) -> Bool {
        guard head.contains(UInt8(ascii: "$")) else { return false }
        let lowered = head.map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }
        return marks.contains { mark in
            lowered.indices.contains { lowered[$0] == mark[0] && lowered[$0...].starts(with: mark) }
        }
    }

    /// Blanks line breaks up to the text's end; gives the place behind it.
    private static func blankText(from start: Int, in bytes: inout [UInt8], _ isChanged: inout Bool) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            if index < bytes.count, bytes[index] == 10 || bytes[index] == 13 || bytes[index] == 9 {
                bytes[index] = UInt8(ascii: " ")
                isChanged = true
            }
            index += 1
        }
        return index + 1
    }

    /// Blanks a comment but for its line breaks, which count in what errors say; gives the place behind it. A comment
    /// without an end stays, and is an error of the JSON.
    private static func blankComment(from start: Int, in bytes: inout [UInt8], _ isChanged: inout Bool) -> Int {
        guard start + 1 < bytes.count else { return start + 1 }
        var end = start + 2
        switch bytes[start + 1] {
        case UInt8(ascii: "/"):
            while end < bytes.count, bytes[end] != 10, bytes[end] != 13 { end += 1 }
        case UInt8(ascii: "*"):
            while end + 1 < bytes.count, bytes[end] != UInt8(ascii: "*") || bytes[end + 1] != UInt8(ascii: "/") {
                end += 1
            }
            guard end + 1 < bytes.count else { return start + 1 }
            end += 2
        default: return start + 1
        }
        for index in start..<end where bytes[index] != 10 && bytes[index] != 13 { bytes[index] = UInt8(ascii: " ") }
        isChanged = true
        return end
    }
}
