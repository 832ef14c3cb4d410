/// Texts of a drawing: how wide they are at most, and how they are cut. No font is at hand, so widths are an upper bound
/// for the sans-serif fonts that browsers and systems have.
enum DrawingText {
    /// Width in pixels at a font size; bold is a tenth wider.
    static func width(_ text: String, size: Int, isBold: Bool = false) -> Int {
        let thousandths = text.unicodeScalars.reduce(0) { $0 + breadth(of: $1) }
        return (thousandths * size * (isBold ? 11 : 10) + 9_999) / 10_000
    }

    /// The text itself where it fits, else its beginning and an ellipsis.
    static func fit(_ text: String, width limit: Int, size: Int, isBold: Bool = false) -> String {
        guard width(text, size: size, isBold: isBold) > limit else { return text }
        var cut = Substring(text)
        while !cut.isEmpty, width("\(cut)…", size: size, isBold: isBold) > limit { cut.removeLast() }
        return "\(cut)…"
    }

    /// Broken at spaces; a word that is too long for a line is cut.
    static func wrap(_ text: String, width limit: Int, size: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let longer = line.isEmpty ? String(word) : "\(line) \(word)"
            if width(longer, size: size) <= limit {
                line = longer
            } else {
                if !line.isEmpty { lines.append(line) }
                line = fit(String(word), width: limit, size: size)
            }
        }
        return lines + (line.isEmpty ? [] : [line])
    }

    /// For text and attributes of XML 1.0.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.printable.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// Thousandths of the em, as in DejaVu Sans, the widest of the common fonts.
    private static func breadth(of scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", " ", "!": 330
        case "m", "w", "M", "W", "@", "%", "…", "→", "↔", "✕": 1_000
        case "a"..."z", "0"..."9", "-", "/", "(", ")", "_": 640
        case _ where scalar.value < 0x250: 790
        case _ where scalar.value < 0x1100: 850
        default: 1_050
        }
    }
}
