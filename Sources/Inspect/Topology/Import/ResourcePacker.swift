internal import FlowModel

/// Reduces resources to packed values: known keys, flat objects, one spelling of ids and truth values, sorted children.
///
/// Null, an empty text, an empty array and an empty object say nothing (topology exports, 18).
struct ResourcePacker: Sendable {
    private(set) var texts = TextStore()
    private var nodes: [JSONOutline.Node] = []
    private var words: PackedWords = []
    /// Members of the objects that are open, those of the innermost last.
    private var members: [Member] = []
    private var scratch: [UInt8] = []
    private var kind = ResourceKind.all[0]

    private struct Member {
        var key: Int16
        /// The lesser one speaks where a key stands twice.
        var rank: Int8
        var node: Int
    }

    mutating func insert(_ text: String) -> UInt32 { texts.insert(text) }

    /// The first node of `nodes` is the resource's object. The result is to be copied before the next one is packed.
    mutating func pack(
        _ nodes: [JSONOutline.Node], _ bytes: Span<UInt8>, kind: ResourceKind, id: UInt32
    ) -> PackedWords {
        self.nodes = nodes
        // The caller goes on with the nodes: a second owner would make it copy them.
        defer { self.nodes = [] }
        self.kind = kind
        words.removeAll(keepingCapacity: true)
        packObject(0, key: -1, in: kind.container, bytes, isTop: true)
        if words.isEmpty { words.append(PackedWord(.object, key: -1, payload: 1).bits) }
        removeOwnID(id)
        return words
    }

    /// `Get-AzResource` says the id twice; a static member of a network group names another resource by the same key.
    private mutating func removeOwnID(_ id: UInt32) {
        guard let member = words.member(KnownKeys.resourceID, of: 0), words.word(member).kind == .text,
            words.word(member).payload == id
        else { return }
        words.remove(at: member)
        words.close(0)
    }

    // MARK: Objects

    private mutating func packObject(
        _ node: Int, key: Int16, in container: Int16, _ bytes: Span<UInt8>, isTop: Bool = false
    ) {
        let base = members.count
        gather(node, isInner: false)
        sortMembers(from: base)
        if !isTop, KnownShapes.references.contains(container) { reduceToReference(base) }
        let object = words.open(.object, key: key)
        var last: Int16 = -1
        for index in base..<members.count {
            let member = members[index]
            if member.key == last { continue }
            if isLeftOut(member.key, in: container, isTop) {
                // Of what a subnet points back to, it is known whether machines are among it that no export lists.
                if KnownShapes.isBackReference(member.key, in: container), holdsUnlistedMachines(member.node, bytes) {
                    words.append(PackedWord(.true, key: member.key).bits)
                    last = member.key
                }
                continue
            }
            let before = words.count
            packValue(member.node, key: member.key, in: container, bytes)
            if words.count > before { last = member.key }
        }
        words.close(object)
        members.removeLast(members.count - base)
        if KnownShapes.children.contains(container) { nameChild(object) }
        if words.count == object + 1 { words.removeLast() }
    }

    /// Members of the object and of its `properties`, of whichever shape the tool writes (topology exports, 6).
    private mutating func gather(_ node: Int, isInner: Bool) {
        var next = node + 1
        let end = node + Int(nodes[node].size)
        while next < end {
            let key = nodes[next].key
            if key == KnownKeys.properties, nodes[next].kind == .object, !isInner {
                gather(next, isInner: true)
            } else if key >= 0 {
                let isOwn = key == KnownKeys.id || key == KnownKeys.name || key == KnownKeys.type
                members.append(Member(key: key, rank: isOwn == isInner ? 1 : 0, node: next))
            }
            next += Int(nodes[next].size)
        }
    }

    /// Of what stands twice in one place the first comes first.
    private mutating func sortMembers(from base: Int) {
        guard members.count - base > 1 else { return }
        // A slice that is sorted is copied. Objects of exports are small, and there are millions of them.
        guard members.count - base <= 64 else {
            members[base...].sort { ($0.key, $0.rank, $0.node) < ($1.key, $1.rank, $1.node) }
            return
        }
        for index in (base + 1)..<members.count {
            let member = members[index]
            var place = index
            while place > base,
                (members[place - 1].key, members[place - 1].rank) > (member.key, member.rank)
            {
                members[place] = members[place - 1]
                place -= 1
            }
            members[place] = member
        }
    }

    private mutating func reduceToReference(_ base: Int) {
        guard let id = members[base...].first(where: { $0.key == KnownKeys.id && nodes[$0.node].kind == .text }) else {
            return
        }
        members.removeLast(members.count - base)
        members.append(id)
    }

    private func isLeftOut(_ key: Int16, in container: Int16, _ isTop: Bool) -> Bool {
        if isTop {
            if key == KnownKeys.type || key == KnownKeys.resourceType { return true }
            if key == KnownKeys.id { return container == KnownShapes.resource }
            if kind.isNameOnly { return key != KnownKeys.name }
        }
        if KnownShapes.children.contains(container) {
            // What a child's state is and which type it has stand in its parent.
            if key == KnownKeys.provisioningState || key == KnownKeys.type { return true }
        } else if isTop, key == KnownShapes.subnets {
            return !kind.holdsSubnets
        }
        return KnownShapes.isBackReference(key, in: container)
    }

    /// Whether the references, or the only one, lead to anything but NICs that an export lists: machines of scale sets,
    /// gateways, front ends (topology exports, 17).
    private func holdsUnlistedMachines(_ node: Int, _ bytes: Span<UInt8>) -> Bool {
        switch nodes[node].kind {
        // Read again from what was imported.
        case .true: return true
        case .object: return isUnlisted(node, bytes)
        default: break
        }
        var next = node + 1
        let end = node + Int(nodes[node].size)
        while next < end {
            if nodes[next].kind == .object, isUnlisted(next, bytes) { return true }
            next += Int(nodes[next].size)
        }
        return false
    }

    /// By the reference's own id: where it is expanded, those inside it are of its subnet and the like.
    private func isUnlisted(_ reference: Int, _ bytes: Span<UInt8>) -> Bool {
        var next = reference + 1
        let end = reference + Int(nodes[reference].size)
        while next < end {
            let node = nodes[next]
            if node.key == KnownKeys.id, node.kind == .text {
                let id = JSONText(start: Int(node.start), end: Int(node.end), hasEscapes: node.hasEscapes)
                    .string(in: bytes).lowercased()
                return id.contains("/virtualmachinescalesets/") || !id.contains("/networkinterfaces/")
            }
            next += Int(node.size)
        }
        return false
    }

    /// A child is known by its name; its id is kept where it says something else (topology exports, 12).
    private mutating func nameChild(_ object: Int) {
        guard let id = words.member(KnownKeys.id, of: object), words.word(id).kind == .text else { return }
        let last = lastPart(texts.string(words.word(id).payload))
        if let name = words.member(KnownKeys.name, of: object) {
            guard texts.string(words.word(name).payload).lowercased() == last else { return }
            words.remove(at: id)
        } else {
            words.remove(at: id)
            var place = object + 1
            while place < words.count, words.word(place).key < KnownKeys.name { place += words.word(place).size }
            words.insert(PackedWord(.text, key: KnownKeys.name, payload: texts.insert(last)).bits, at: place)
        }
        words.close(object)
    }

    // MARK: Values

    private mutating func packValue(_ node: Int, key: Int16, in container: Int16, _ bytes: Span<UInt8>) {
        switch nodes[node].kind {
        case .null: return
        case .true: words.append(PackedWord(.true, key: key).bits)
        case .false: words.append(PackedWord(.false, key: key).bits)
        case .number: packNumber(nodes[node], key: key, bytes)
        case .text: packText(nodes[node], key: key, in: container, bytes)
        case .array: packArray(node, key: key, bytes)
        case .object:
            if key == KnownKeys.tagsKey { return packTags(node, bytes) }
            packObject(node, key: key, in: key < 0 ? container : key, bytes)
        }
    }

    private mutating func packNumber(_ node: JSONOutline.Node, key: Int16, _ bytes: Span<UInt8>) {
        // A number that no double holds says nothing that the model could use.
        guard let value = try? jsonNumber(bytes, Int(node.start), Int(node.end)) else { return }
        var json = JSONWriter()
        json.value(value)
        words.append(PackedWord(.number, key: key, payload: texts.insert(json.bytes)).bits)
    }

    private mutating func packText(_ node: JSONOutline.Node, key: Int16, in container: Int16, _ bytes: Span<UInt8>) {
        scratch.removeAll(keepingCapacity: true)
        JSONText(start: Int(node.start), end: Int(node.end), hasEscapes: node.hasEscapes).append(
            from: bytes, to: &scratch)
        if key == KnownKeys.id || scratch.first == UInt8(ascii: "/") { makeID() }
        guard !scratch.isEmpty else { return }
        if key == KnownKeys.name {
            if KnownShapes.children.contains(container), let slash = scratch.lastIndex(of: UInt8(ascii: "/")) {
                scratch.removeFirst(slash + 1)
            }
        } else if scratch.count <= 5, let truth = truthValue() {
            return words.append(PackedWord(truth ? .true : .false, key: key).bits)
        }
        words.append(PackedWord(.text, key: key, payload: texts.insert(scratch)).bits)
    }

    /// Truth values come as texts, too (topology exports, 19).
    private func truthValue() -> Bool? {
        switch String(decoding: scratch, as: UTF8.self).lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// Ids compare without case, and their case tells nothing (topology exports, 10).
    private mutating func makeID() {
        if scratch.contains(where: { $0 >= 128 }) {
            scratch = Array(String(decoding: scratch, as: UTF8.self).lowercased().utf8)
        } else {
            // Written out: a call into another module for each byte took a thirtieth of the whole import.
            for index in scratch.indices where scratch[index] >= 65 && scratch[index] <= 90 { scratch[index] |= 0x20 }
        }
        while scratch.count > 1, scratch.last == UInt8(ascii: "/") { scratch.removeLast() }
    }

    private mutating func packArray(_ node: Int, key: Int16, _ bytes: Span<UInt8>) {
        let array = words.open(.array, key: key)
        var next = node + 1
        let end = node + Int(nodes[node].size)
        var objects = 0
        while next < end {
            let before = words.count
            packValue(next, key: -1, in: key, bytes)
            if words.count > before, words.word(before).kind == .object { objects += 1 }
            next += Int(nodes[next].size)
        }
        words.close(array)
        if words.count == array + 1 {
            if !KnownShapes.meaningfulWhenEmpty.contains(key) { words.removeLast() }
        } else if objects > 1 {
            sortElements(of: array)
        }
    }

    /// In the order of names, then of content: the order of the export is not kept.
    private mutating func sortElements(of array: Int) {
        let parts = words.parts(of: array)
        let keyed = parts.map { (name: texts.identity(words, $0.lowerBound), range: $0) }
        let isLess: (Int, Int) -> Bool = { [words, texts] one, other in
            if keyed[one].name != keyed[other].name { return keyed[one].name < keyed[other].name }
            return texts.compare(words, keyed[one].range.lowerBound, words, keyed[other].range.lowerBound) < 0
        }
        let order = keyed.indices.sorted(by: isLess)
        guard order != Array(keyed.indices) else { return }
        let copy = words
        words.removeLast(words.count - array - 1)
        for index in order { words.append(contentsOf: copy[keyed[index].range]) }
    }

    private mutating func packTags(_ node: Int, _ bytes: Span<UInt8>) {
        var entries: [(key: [UInt8], value: Int)] = []
        var next = node + 1
        let end = node + Int(nodes[node].size)
        while next < end {
            let text = nodes[next]
            let value = next + Int(text.size)
            var key: [UInt8] = []
            JSONText(start: Int(text.start), end: Int(text.end), hasEscapes: text.hasEscapes).append(
                from: bytes, to: &key)
            if nodes[value].kind == .text, KnownKeys.keepsTag(key) {
                entries.append((key, value))
            }
            next = value + Int(nodes[value].size)
        }
        guard !entries.isEmpty else { return }
        let object = words.open(.object, key: KnownKeys.tagsKey)
        for entry in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            scratch.removeAll(keepingCapacity: true)
            let text = nodes[entry.value]
            JSONText(start: Int(text.start), end: Int(text.end), hasEscapes: text.hasEscapes).append(
                from: bytes, to: &scratch)
            words.append(PackedWord(.entry, key: -1, payload: texts.insert(entry.key)).bits)
            words.append(PackedWord(.text, key: -1, payload: texts.insert(scratch)).bits)
        }
        words.close(object)
    }
}
