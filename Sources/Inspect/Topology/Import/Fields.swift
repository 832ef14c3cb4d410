internal import FlowModel

/// An object of an export, read without regard to the case of its keys.
///
/// REST and Resource Graph nest under `properties`, the command line flattens: a key is looked for in `properties` first,
/// then beside it. Old and new tools spell `privateIPAddress` and `privateIpAddress`, in one file sometimes. Null, an
/// empty text and an absent key are the same (topology exports, 6, 7, 18). Of Azure's resources only `KnownKeys` are
/// there; the elements of an array of objects come in the order of their names.
struct Fields: Sendable {
    private enum Source: Sendable {
        /// An object whose keys are in lower case already (`lowerCasedKeys`).
        case json(JSONValue)
        case packed(PackedWords, Int, Texts)
    }

    private let source: Source

    init(_ value: JSONValue) { source = .json(value) }

    init(_ words: PackedWords, at index: Int, _ texts: Texts) { source = .packed(words, index, texts) }

    /// The object as JSON, its keys in lower case.
    var value: JSONValue {
        switch source {
        case .json(let value): value
        case .packed(let words, let index, let texts): texts.json(words, index)
        }
    }

    func has(_ key: String) -> Bool {
        switch source {
        case .json: member(key) != nil
        case .packed(let words, let index, _): place(key, words, index) != nil
        }
    }

    func text(_ key: String) -> String? {
        switch source {
        case .json:
            guard let text = member(key)?.string, !text.isEmpty else { return nil }
            return text
        case .packed(let words, let index, let texts):
            guard let place = place(key, words, index), words.word(place).kind == .text else { return nil }
            return texts.string(words.word(place).payload)
        }
    }

    /// A truth value, also where an export writes it as the text `True` or `False`.
    func flag(_ key: String) -> Bool? {
        switch source {
        case .json:
            switch member(key) {
            case .bool(let value)?: return value
            case .string(let text)? where text.lowercased() == "true": return true
            case .string(let text)? where text.lowercased() == "false": return false
            default: return nil
            }
        case .packed(let words, let index, _):
            guard let place = place(key, words, index) else { return nil }
            switch words.word(place).kind {
            case .true: return true
            case .false: return false
            default: return nil
            }
        }
    }

    func number(_ key: String) -> Double? {
        switch source {
        case .json: return member(key)?.number
        case .packed(let words, let index, let texts):
            guard let place = place(key, words, index), words.word(place).kind == .number else { return nil }
            return Double(texts.string(words.word(place).payload))
        }
    }

    func object(_ key: String) -> Fields? {
        switch source {
        case .json:
            guard let member = member(key), member.object != nil else { return nil }
            return Fields(member)
        case .packed(let words, let index, let texts):
            guard let place = place(key, words, index), words.word(place).kind == .object else { return nil }
            return Fields(words, at: place, texts)
        }
    }

    /// The objects of an array; anything else in it is left out.
    func list(_ key: String) -> [Fields] {
        switch source {
        case .json: return (member(key)?.array ?? []).filter { $0.object != nil }.map(Fields.init)
        case .packed(let words, let index, let texts):
            guard let place = place(key, words, index), words.word(place).kind == .array else { return [] }
            return words.parts(of: place).filter { words.word($0.lowerBound).kind == .object }
                .map { Fields(words, at: $0.lowerBound, texts) }
        }
    }

    /// The texts of an array; one text alone counts as an array of one.
    func texts(_ key: String) -> [String] {
        if let text = text(key) { return [text] }
        switch source {
        case .json: return (member(key)?.array ?? []).compactMap(\.string).filter { !$0.isEmpty }
        case .packed(let words, let index, let texts):
            guard let place = place(key, words, index), words.word(place).kind == .array else { return [] }
            return words.parts(of: place).filter { words.word($0.lowerBound).kind == .text }
                .map { texts.string(words.word($0.lowerBound).payload) }
        }
    }

    /// The lower-cased id of a reference `{"id": …}`, or of a text.
    func reference(_ key: String) -> String? {
        switch source {
        case .json: return (object(key)?.text("id") ?? text(key)).map(canonicalID)
        case .packed:
            if let id = object(key)?.text("id") { return id }
            // Texts that do not begin with a slash keep their case until they are known to be an id.
            return text(key).map { $0.hasPrefix("/") ? $0 : canonicalID($0) }
        }
    }

    /// The value of a tag, whose case counts; only tags that the model knows are kept.
    func tag(_ name: String) -> String? {
        switch source {
        case .json(let value): return value["tags"]?[name]?.string
        case .packed(let words, let index, let texts):
            guard let tags = words.member(KnownKeys.tagsKey, of: index) else { return nil }
            return texts.json(words, tags)[name]?.string
        }
    }

    /// The member as it stands, for a caller that tells wrong kinds of values apart.
    func raw(_ key: String) -> JSONValue? {
        switch source {
        case .json: return member(key)
        case .packed(let words, let index, let texts): return place(key, words, index).map { texts.json(words, $0) }
        }
    }

    private func member(_ key: String) -> JSONValue? {
        guard case .json(let value) = source else { return nil }
        if let nested = value["properties"]?[key], !nested.isNull { return nested }
        guard let own = value[key], !own.isNull else { return nil }
        return own
    }

    private func place(_ key: String, _ words: PackedWords, _ index: Int) -> Int? {
        KnownKeys.keys.index(of: key).flatMap { words.member($0, of: index) }
    }
}

extension [Fields] {
    /// The reference of the first of the objects that has one under the key.
    func firstReference(_ key: String) -> String? {
        for fields in self {
            if let reference = fields.reference(key) { return reference }
        }
        return nil
    }
}

extension Texts {
    /// A packed value as JSON, its keys in lower case but for those of `tags`.
    func json(_ words: PackedWords, _ index: Int) -> JSONValue {
        let word = words.word(index)
        switch word.kind {
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .text, .entry: return .string(string(word.payload))
        case .number: return Double(string(word.payload)).map(JSONValue.number) ?? .null
        case .array: return .array(words.parts(of: index).map { json(words, $0.lowerBound) })
        case .object:
            var members: [String: JSONValue] = [:]
            var name: String?
            for part in words.parts(of: index) {
                let word = words.word(part.lowerBound)
                if word.kind == .entry {
                    name = string(word.payload)
                } else {
                    let key = name ?? KnownKeys.keys.spelled[Int(word.key)].lowercased()
                    members[key] = json(words, part.lowerBound)
                    name = nil
                }
            }
            return .object(members)
        }
    }
}
