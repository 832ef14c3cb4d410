internal import FlowModel

/// What exports and overlays hold together, reduced to what the model reads and merged by id.
///
/// Documents come one at a time, so that the caller can drop their bytes; neither their order nor their names decide
/// anything but how messages call them. Everything that is not known is counted or named, and kept nowhere.
package struct ResourceSet: Sendable {
    /// One document's word on one resource.
    struct Reading: Sendable {
        var id: UInt32
        var kind: Int16
        /// Another reading of the same resource; -1 where it is the last one.
        var next: Int32 = -1
        var place: PackedPlace
    }

    struct OverlayText: Sendable {
        var document: String
        var value: JSONValue
    }

    var packer = ResourcePacker()
    private(set) var values = PackedStore()
    private(set) var readings: [Reading] = []
    /// The number of an id's text → its first reading.
    private(set) var first: [UInt32: Int32] = [:]
    /// By canonical JSON: an overlay that is given twice counts once.
    private(set) var overlays: [String: OverlayText] = [:]
    /// Pages that are missing.
    var gaps: Set<TopologyProblem> = []
    /// What readers of templates and states, and an imported file, found to be wrong.
    var readerProblems: Set<TopologyProblem> = []
    /// Documents and parts of documents that are no resources.
    var notes: Set<String> = []
    /// Types that are not known → how many resources of them; each resource counts once.
    private(set) var unused: [String: Int] = [:]
    private var unusedIDs: Set<UInt64> = []
    private(set) var documentNames: Set<String> = []
    var outline = JSONOutline()
    /// Whether the document that is being read held anything that has a meaning here.
    var hasContent = false

    package init() {}

    /// True where nothing usable was read.
    package var isEmpty: Bool { readings.isEmpty && overlays.isEmpty }

    /// Reads one file: JSON documents one after the other. After an error the set holds part of the document.
    package mutating func add(_ document: TopologyDocument) throws(TopologyError) {
        documentNames.insert(document.name)
        guard document.bytes.count < JSONOutline.bytesLimit else {
            throw TopologyError(
                code: .notJSON, document: document.name, cause: "is larger than 4 GB", hint: "split the export")
        }
        hasContent = false
        do {
            let bytes = ResourceSet.transcoded(document.bytes) ?? document.bytes
            if let plain = TemplateText.plain(bytes) {
                try read(plain.span, of: document.name)
            } else {
                try read(bytes.span, of: document.name)
            }
        } catch {
            switch error {
            case .json(let error):
                throw TopologyError(
                    code: .notJSON, document: document.name, cause: "is no JSON: \(error)",
                    hint: "export it again, with -o json; a file that is no topology does not belong among the paths")
            case .version(let what):
                throw TopologyError(
                    code: .unsupportedOverlay, document: document.name,
                    cause: "is \(what) of another version than 1", hint: "this flowsight reads version 1")
            }
        }
    }

    /// Windows PowerShell writes UTF-16 where a command's output is redirected; nil for everything else.
    static func transcoded(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) else { return nil }
        let isLittle = bytes[0] == 0xff
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { index in
            let (low, high) = isLittle ? (bytes[index], bytes[index + 1]) : (bytes[index + 1], bytes[index])
            return UInt16(high) << 8 | UInt16(low)
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    // MARK: What the documents hold

    mutating func keep(_ words: PackedWords, kind: Int, id: UInt32) {
        let kind = Int16(kind)
        let index = Int32(readings.count)
        var last: Int32 = -1
        var next = first[id] ?? -1
        while next >= 0 {
            let known = readings[Int(next)]
            if known.kind == kind, values.isEqual(known.place, words) { return }
            last = next
            next = known.next
        }
        readings.append(Reading(id: id, kind: kind, place: values.append(words)))
        if last < 0 { first[id] = index } else { readings[Int(last)].next = index }
    }

    mutating func keep(overlay value: JSONValue, of document: String) {
        var json = JSONWriter()
        value.write(canonicalTo: &json)
        let known = overlays[json.string]?.document ?? document
        overlays[json.string] = OverlayText(document: min(known, document), value: value)
    }

    mutating func countUnused(type: String, id: String) {
        guard !ResourceKind.silent.contains(type.lowercased()) else { return }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in canonicalID(id).utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3  // FNV-1a is arithmetic modulo 2^64.
        }
        if unusedIDs.insert(hash).inserted { unused[type, default: 0] += 1 }
    }

    /// Counts of an imported file, whose resources of these types are gone.
    mutating func countUnused(type: String, count: Int) { unused[type] = max(unused[type] ?? 0, count) }

    /// How many resources of each type were read, children that stand alone among them; sorted by type.
    package var counts: [(type: String, count: Int)] {
        var counts: [Int16: Int] = [:]
        for index in first.values { counts[readings[Int(index)].kind, default: 0] += 1 }
        return counts.map { (ResourceKind.all[Int($0.key)].type, $0.value) }.sorted { $0.type < $1.type }
    }

    /// What was seen in the documents and is not used, sorted.
    package var notUnderstood: [String] {
        (notes + unused.map { "\($0.value) of type \($0.key): not used" }).sorted()
    }
}
