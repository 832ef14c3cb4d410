import Foundation

/// One line on a terminal that shows how far a command is; silent where standard error is none.
struct ProgressBar {
    private let total: Int
    private let label: String
    private let isVisible: Bool
    private var done = 0
    private var shownPercent = -1

    init(total: Int, label: String) {
        self.total = max(1, total)
        self.label = label
        isVisible = isatty(STDERR_FILENO) == 1
    }

    mutating func advance() {
        done += 1
        let percent = done * 100 / total
        guard isVisible, percent != shownPercent else { return }
        shownPercent = percent
        let filled = String(repeating: "█", count: percent / 4)
        let empty = String(repeating: "·", count: 25 - percent / 4)
        write("\r\(label) \(filled)\(empty) \(percent) % of \(total) drops")
    }

    /// Clears the line.
    func end() {
        if isVisible { write("\r\u{1b}[K") }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
