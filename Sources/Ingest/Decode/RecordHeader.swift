/// The fields of a record's outermost object that formats are told by and that they share.
struct RecordHeader {
    var category: JSONText?
    var time: JSONText?
    var resource: JSONText?
    var mac: JSONText?
    var flowLog: JSONText?
    var target: JSONText?
    var metricName: JSONText?
    var timeGrain: JSONText?
    /// Index of a value in the record; -1 where the key is absent.
    var properties = -1
    var flowRecords = -1
    var flowLogVersion = -1
    /// Indexes of the figures of a metric point.
    var figures = InlineArray<5, Int>(repeating: -1)
    /// Members that no format reads, such as `correlationId`.
    var extras = 0

    static let count = 0
    static let total = 1
    static let minimum = 2
    static let maximum = 3
    static let average = 4

    /// Of no record.
    init() {}

    /// - Parameter containers: where the record's objects and arrays begin and end (from the splitter); they are
    ///   jumped over.
    init(_ bytes: Bytes, containers: [Int32]) throws(Fault) {
        var cursor = JSONCursor(bytes)
        var known = 0
        try cursor.openObject()
        while let key = try cursor.nextKey() {
            let first = cursor.peek()
            let value = cursor.at
            if first == UInt8(ascii: "\"") {
                let text = try cursor.string()
                note(RecordKey(bytes, key), text: text, at: value)
                continue
            }
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                while known + 1 < containers.count, containers[known] < Int32(value) { known += 2 }
                if known + 1 < containers.count, containers[known] == Int32(value) {
                    cursor.jump(to: Int(containers[known + 1]))
                } else {
                    try cursor.skipValue()
                }
            } else {
                _ = try cursor.literal()
            }
            note(RecordKey(bytes, key), at: value)
        }
        guard cursor.peek() == 0, cursor.at == bytes.count else { throw .malformed }
    }

    private mutating func note(_ key: RecordKey, text: JSONText, at value: Int) {
        switch key {
        case .category: category = text
        case .time: time = text
        case .resourceID: resource = text
        case .macAddress: mac = text
        case .flowLogResourceID: flowLog = text
        case .targetResourceID: target = text
        case .metricName: metricName = text
        case .timeGrain: timeGrain = text
        default: note(key, at: value)
        }
    }

    private mutating func note(_ key: RecordKey, at value: Int) {
        switch key {
        case .properties: properties = value
        case .flowRecords: flowRecords = value
        case .flowLogVersion: flowLogVersion = value
        case .count: figures[Self.count] = value
        case .total: figures[Self.total] = value
        case .minimum: figures[Self.minimum] = value
        case .maximum: figures[Self.maximum] = value
        case .average: figures[Self.average] = value
        case .other: extras += 1
        default: break
        }
    }
}

/// Names of the members of a record's outermost object.
enum RecordKey {
    case category, time, resourceID, macAddress, flowLogResourceID, targetResourceID, metricName, timeGrain
    case properties, flowRecords, flowLogVersion, count, total, minimum, maximum, average
    case other

    init(_ bytes: Bytes, _ key: JSONText) {
        guard !key.isEscaped else {
            self = RecordKey(unescaping: bytes, key)
            return
        }
        self = RecordKey(bytes, key.start, key.end)
    }

    /// An escaped key is as good as a plain one; nobody writes them, so it may cost an allocation.
    private init(unescaping bytes: Bytes, _ key: JSONText) {
        var plain: [UInt8] = []
        do {
            try key.append(from: bytes, to: &plain)
            self = plain.withUnsafeBufferPointer { RecordKey($0, 0, $0.count) }
        } catch {
            self = .other
        }
    }

    private init(_ bytes: Bytes, _ start: Int, _ end: Int) {
        func `is`(_ name: StaticString) -> Bool { bytes.equals(name, from: start, to: end) }
        self = .other
        switch end - start {
        case 4: if `is`("time") { self = .time }
        case 5: if `is`("count") { self = .count } else if `is`("total") { self = .total }
        case 7:
            if `is`("minimum") { self = .minimum } else if `is`("maximum") { self = .maximum }
            if `is`("average") { self = .average }
        case 8: if `is`("category") { self = .category }
        case 9: if `is`("timeGrain") { self = .timeGrain }
        case 10:
            if `is`("resourceId") || `is`("resourceID") { self = .resourceID }
            if `is`("properties") { self = .properties } else if `is`("macAddress") { self = .macAddress }
            if `is`("metricName") { self = .metricName }
        case 11: if `is`("flowRecords") { self = .flowRecords }
        case 14: if `is`("flowLogVersion") { self = .flowLogVersion }
        case 16: if `is`("targetResourceID") { self = .targetResourceID }
        case 17: if `is`("flowLogResourceID") { self = .flowLogResourceID }
        default: break
        }
    }
}
