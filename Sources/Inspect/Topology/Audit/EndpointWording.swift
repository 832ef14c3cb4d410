internal import FlowModel

/// Words about one private endpoint, said of another of its class.
struct EndpointWording {
    /// Stands for the name of an endpoint that is judged for others: its own may be a word of something else's.
    static let placeholder = "\u{1}"

    let from: PrivateEndpoint
    let to: PrivateEndpoint

    func text(_ text: String) -> String {
        let named = text.utf8.contains(1) ? text.replacing(EndpointWording.placeholder, with: to.name) : text
        guard from.id != to.id, let old = from.addresses.first, let new = to.addresses.first else { return named }
        return replace(old.description, by: new.description, in: named)
    }

    func action(_ action: RemedyAction) -> RemedyAction {
        guard from.id != to.id, let old = from.addresses.first, let new = to.addresses.first,
            action.prefix == IPPrefix(host: old).description
        else { return action }
        var action = action
        let prefix = IPPrefix(host: new)
        action.prefix = prefix.description
        if action.kind == .addRoute { action.routeName = RemedySearch.routeName(prefix) }
        return action
    }

    /// Whole words only: 10.0.0.4 is no part of 10.0.0.41, and 10.0.0.4/30 is another's prefix.
    private func replace(_ word: String, by other: String, in text: String) -> String {
        guard text.contains(word) else { return text }
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: word) {
            let before = rest[..<range.lowerBound].last ?? result.last
            let after = rest[range.upperBound...]
            let isWord = !isWordPart(before) && !isWordPart(after.first) && !isOthersPrefix(after)
            result += rest[..<range.lowerBound]
            result += isWord ? other : word
            rest = after
        }
        return result + rest
    }

    private func isWordPart(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || "-_.".contains($0) } ?? false
    }

    private func isOthersPrefix(_ after: Substring) -> Bool {
        guard after.first == "/" else { return false }
        let length = after.dropFirst().prefix(while: \.isNumber)
        return !length.isEmpty && length != "32" && length != "128"
    }
}
