internal import FlowModel

/// Merges packed values that speak of one resource. Where two contradict each other the lesser one is used, whichever
/// was read first, and the contradiction is a problem.
struct ReadingMerger {
    let texts: TextStore
    private(set) var problems: Set<TopologyProblem> = []
    private var resource = ""

    init(texts: TextStore) { self.texts = texts }

    mutating func merge(_ one: PackedWords, _ other: PackedWords, of resource: String) -> PackedWords {
        self.resource = resource
        var result: PackedWords = []
        result.reserveCapacity(max(one.count, other.count))
        merge(one, 0, other, 0, "", into: &result)
        return result
    }

    /// Puts children that stand alone into their parent's arrays, once for those that stand there already.
    mutating func attach(
        _ children: [(key: Int16, words: PackedWords)], to parent: PackedWords, of resource: String
    ) -> PackedWords {
        self.resource = resource
        var result: PackedWords = []
        let object = result.open(.object, key: -1)
        let keys = Set(children.map(\.key))
        var members = parent.parts(of: 0).map { (key: parent.word($0.lowerBound).key, range: Optional($0)) }
        for key in keys where !members.contains(where: { $0.key == key }) { members.append((key, nil)) }
        for (key, range) in members.sorted(by: { $0.key < $1.key }) {
            guard keys.contains(key) else {
                if let range { result.append(contentsOf: parent[range]) }
                continue
            }
            var elements = range.map { parent.parts(of: $0.lowerBound).map { PackedWords(parent[$0]) } } ?? []
            elements += children.filter { $0.key == key }.map(\.words)
            append(joined(elements, KnownKeys.keys.spelled[Int(key)]), key, to: &result)
        }
        result.close(object)
        return result
    }

    private func append(_ elements: [PackedWords], _ key: Int16, to result: inout PackedWords) {
        let array = result.open(.array, key: key)
        for element in elements { result.append(contentsOf: element) }
        result.close(array)
    }

    /// Elements of one name are one child.
    private mutating func joined(_ elements: [PackedWords], _ path: String) -> [PackedWords] {
        var joined: [PackedWords] = []
        var last: String?
        for (name, element) in sorted(elements) {
            if let last, last == name, !name.isEmpty, let known = joined.last {
                var words: PackedWords = []
                merge(known, 0, element, 0, "\(path)[\(name)].", into: &words)
                joined[joined.count - 1] = words
            } else {
                joined.append(element)
            }
            last = name
        }
        return joined
    }

    private func sorted(_ elements: [PackedWords]) -> [(name: String, words: PackedWords)] {
        elements.map { (name: texts.identity($0, 0), words: $0) }.sorted { one, other in
            if one.name != other.name { return one.name < other.name }
            return texts.compare(one.words, 0, other.words, 0) < 0
        }
    }

    private mutating func merge(
        _ one: PackedWords, _ first: Int, _ other: PackedWords, _ second: Int, _ path: String,
        into result: inout PackedWords
    ) {
        let kinds = (one.word(first).kind, other.word(second).kind)
        if kinds == (.object, .object) { return mergeObjects(one, first, other, second, path, into: &result) }
        if kinds == (.array, .array) { return mergeArrays(one, first, other, second, path, into: &result) }
        choose(one, first, other, second, path, into: &result)
    }

    private mutating func mergeObjects(
        _ one: PackedWords, _ first: Int, _ other: PackedWords, _ second: Int, _ path: String,
        into result: inout PackedWords
    ) {
        let key = one.word(first).key
        if key == KnownKeys.tagsKey { return choose(one, first, other, second, path, into: &result) }
        let object = result.open(.object, key: key)
        var ones = one.parts(of: first)[...]
        var others = other.parts(of: second)[...]
        while let left = ones.first ?? others.first {
            let leftKey = ones.first.map { one.word($0.lowerBound).key } ?? Int16.max
            let rightKey = others.first.map { other.word($0.lowerBound).key } ?? Int16.max
            if leftKey < rightKey {
                result.append(contentsOf: one[left])
                ones.removeFirst()
            } else if rightKey < leftKey {
                result.append(contentsOf: other[others.removeFirst()])
            } else {
                let name = KnownKeys.keys.spelled[Int(leftKey)]
                let right = others.removeFirst()
                ones.removeFirst()
                merge(one, left.lowerBound, other, right.lowerBound, path + name + ".", into: &result)
            }
        }
        result.close(object)
    }

    /// Objects are matched by name or id; of texts and numbers one list is used.
    private mutating func mergeArrays(
        _ one: PackedWords, _ first: Int, _ other: PackedWords, _ second: Int, _ path: String,
        into result: inout PackedWords
    ) {
        let ones = one.parts(of: first).map { PackedWords(one[$0]) }
        let others = other.parts(of: second).map { PackedWords(other[$0]) }
        guard (ones + others).allSatisfy({ $0.word(0).kind == .object }) else {
            if Set(ones) != Set(others) { return choose(one, first, other, second, path, into: &result) }
            return result.append(contentsOf: one[first..<first + one.word(first).size])
        }
        var rest = sorted(others)
        var elements: [PackedWords] = []
        for (name, element) in sorted(ones) {
            guard let match = rest.firstIndex(where: { name.isEmpty ? $0.words == element : $0.name == name }) else {
                elements.append(element)
                continue
            }
            var words: PackedWords = []
            merge(element, 0, rest.remove(at: match).words, 0, "\(path.dropLast())[\(name)].", into: &words)
            elements.append(words)
        }
        append(sorted(elements + rest.map(\.words)).map(\.words), one.word(first).key, to: &result)
    }

    /// The lesser of two values; a difference of case alone is none.
    private mutating func choose(
        _ one: PackedWords, _ first: Int, _ other: PackedWords, _ second: Int, _ path: String,
        into result: inout PackedWords
    ) {
        let order = texts.compare(one, first, other, second)
        let used = order <= 0 ? one : other
        let place = order <= 0 ? first : second
        result.append(contentsOf: used[place..<place + used.word(place).size])
        guard order != 0 else { return }
        let values = order < 0 ? (text(one, first), text(other, second)) : (text(other, second), text(one, first))
        guard values.0.lowercased() != values.1.lowercased() else { return }
        problems.insert(
            TopologyProblem(
                resource: resource, field: String(path.dropLast()),
                problem: "the exports contradict each other: \(values.0) (used) and \(values.1)"))
    }

    private func text(_ words: PackedWords, _ index: Int) -> String {
        let word = words.word(index)
        switch word.kind {
        case .true: return "true"
        case .false: return "false"
        case .text, .number, .entry: return texts.string(word.payload)
        case .array, .object: return words.parts(of: index).map { text(words, $0.lowerBound) }.joined(separator: ", ")
        }
    }
}
