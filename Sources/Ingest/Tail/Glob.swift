/// A pattern for paths below a folder: `*` and `?` inside a name, `**` for any number of folders.
///
/// As in a shell, wildcards do not match a leading dot: exporters write their unfinished files under such names.
/// Works on bytes. Matching takes at most (pattern × path) steps.
struct Glob: Sendable {
    private let parts: [Part]

    private enum Part: Sendable {
        case folders
        case name([UInt8])
    }

    init(_ pattern: String) {
        parts = pattern.utf8.split(separator: UInt8(ascii: "/")).map { part in
            part.elementsEqual("**".utf8) ? .folders : .name(Array(part))
        }
    }

    /// Whether all of a path matches: relative to the folder, without a slash at its start.
    func matches(_ path: [UInt8]) -> Bool {
        let names = path.split(separator: UInt8(ascii: "/")).map { Array($0) }
        // reached[i]: the first i names can be matched by the parts so far.
        var reached = [true] + Array(repeating: false, count: names.count)
        for part in parts {
            var next = Array(repeating: false, count: names.count + 1)
            for index in 0...names.count {
                switch part {
                case .folders:
                    let passes = index > 0 && next[index - 1] && !isHidden(names[index - 1])
                    next[index] = reached[index] || passes
                case .name(let pattern):
                    next[index] = index > 0 && reached[index - 1] && matchesName(pattern, names[index - 1])
                }
            }
            reached = next
        }
        return reached[names.count]
    }

    private func isHidden(_ name: [UInt8]) -> Bool { name.first == UInt8(ascii: ".") }

    private func matchesName(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        if isHidden(name), pattern.first != UInt8(ascii: ".") { return false }
        var (at, position) = (0, 0)
        var (starAt, starPosition) = (-1, 0)
        while position < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                (starAt, starPosition) = (at, position)
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == name[position] {
                at += 1
                position += 1
            } else if starAt >= 0 {
                // The last star takes one byte more.
                starPosition += 1
                (at, position) = (starAt + 1, starPosition)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
