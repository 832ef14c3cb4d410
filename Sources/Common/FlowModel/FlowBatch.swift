/// One flow of one record, as scalars: what a format decoder hands to `FlowBatch.append`.
///
/// Absent values: `TextID.none`, `IPAddress.none`, -1 for ports, protocol, ICMP type and counters, 0 for a MAC,
/// NaN for a rate, -1 for the tuple.
package struct FlowRow: Sendable {
    package var time = EventTime(microseconds: 0)
    package var format: LogFormat
    /// The log that speaks: the flow log's id (NSG logs: the NSG's), or `firewall id#category`, lower-cased.
    package var source = TextID.none
    /// Lower-cased resource id of what logged: NIC target, subnet, VNet, NSG, firewall.
    package var vantage = TextID.none
    /// The NIC's MAC as 48 bits.
    package var mac: UInt64 = 0
    package var sourceAddress = IPAddress.none
    package var destinationAddress = IPAddress.none
    package var sourcePort: Int32 = -1
    package var destinationPort: Int32 = -1
    /// IANA number.
    package var ipProtocol: Int16 = -1
    package var icmpType: Int16 = -1
    package var direction = FlowDirection.none
    package var action = FlowAction.none
    package var state = FlowState.none
    package var packetsSent: Int64 = -1
    package var bytesSent: Int64 = -1
    package var packetsReceived: Int64 = -1
    package var bytesReceived: Int64 = -1
    package var natSourceAddress = IPAddress.none
    package var natSourcePort: Int32 = -1
    package var natDestinationAddress = IPAddress.none
    package var natDestinationPort: Int32 = -1
    package var tcpFlags = TextID.none
    package var encryption = TextID.none
    package var rule = TextID.none
    package var acl = TextID.none
    package var fqdn = TextID.none
    package var url = TextID.none
    package var rateMbps = Double.nan
    package var eventCount: Int32 = 1
    /// A JSON object, as text.
    package var attributes = TextID.none
    /// Index into the batch's `records`.
    package var record: Int32 = 0
    /// The tuple's index inside its record, from 0; -1 where the record has none.
    package var tuple: Int32 = -1

    package init(format: LogFormat) { self.format = format }
}

/// Where a record stood: the drop, its place there, and what it is known by.
package struct RecordOrigin: Sendable, Hashable {
    package var file: TextID
    /// Index of the record in its drop, from 0.
    package var index: Int64
    /// Uncompressed byte offset of the record's `{`.
    package var offset: Int64
    package var hash: RecordHash
    /// When the record was logged (`time` of the record), else the time of its only flow.
    package var time: EventTime

    package init(file: TextID, index: Int64, offset: Int64, hash: RecordHash, time: EventTime) {
        self.file = file
        self.index = index
        self.offset = offset
        self.hash = hash
        self.time = time
    }
}

/// Flow records in columns, beside the texts and the records they came from: what Decode fills, and what crosses
/// module borders, once a batch and never once a record.
package struct FlowBatch: Sendable {
    package private(set) var rows: [FlowRow] = []
    package var texts = TextPool()
    package var records: [RecordOrigin] = []
    package var metrics: [MetricPoint] = []
    package var deadLetters: [DeadLetter] = []
    /// Records left out because the lineage holds them already.
    package var repeatedRecords: Int64 = 0

    package init() {}

    package var count: Int { rows.count }
    package var isEmpty: Bool { rows.isEmpty && metrics.isEmpty && deadLetters.isEmpty && records.isEmpty }

    package mutating func append(_ row: FlowRow) { rows.append(row) }
    package mutating func reserve(_ count: Int) { rows.reserveCapacity(count) }

    /// Takes the flows, metrics and dead letters of a record back that turned out bad half-way.
    package mutating func truncate(rows count: Int, metrics metricCount: Int) {
        rows.removeLast(rows.count - count)
        metrics.removeLast(metrics.count - metricCount)
    }

    /// Empties the batch and keeps its memory.
    package mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        texts.removeAll()
        records.removeAll(keepingCapacity: true)
        metrics.removeAll(keepingCapacity: true)
        deadLetters.removeAll(keepingCapacity: true)
        repeatedRecords = 0
    }
}

/// One point of a platform metric, as diagnostic settings export it.
package struct MetricPoint: Sendable {
    package var time: EventTime
    /// `metricName` as the vendor writes it.
    package var name: TextID
    /// Lower-cased resource id.
    package var vantage: TextID
    package var count: Double?
    package var total: Double?
    package var minimum: Double?
    package var maximum: Double?
    package var average: Double?
    /// ISO 8601 duration of the interval that begins at `time`, such as `PT1M`.
    package var timeGrain: TextID
    /// Index into the batch's `records`.
    package var record: Int32

    package init(time: EventTime, name: TextID, vantage: TextID, timeGrain: TextID, record: Int32) {
        self.time = time
        self.name = name
        self.vantage = vantage
        self.timeGrain = timeGrain
        self.record = record
    }
}

/// Why input became a dead letter: a closed set, also a metric label.
package enum DeadLetterReason: String, Sendable, CaseIterable {
    case formatNotSupported = "format_not_supported"
    case badRecord = "bad_record"
    case badTuple = "bad_tuple"
    case notJSON = "not_json"
    case badGzip = "bad_gzip"
    case cutOff = "cut_off"
    case lostInput = "lost_input"
    case timeOutOfRange = "time_out_of_range"
    case noTimeZone = "no_time_zone"
    case badText = "bad_text"
    case overLimit = "over_limit"
    case beyondIdentityHorizon = "beyond_identity_horizon"
    case rejectedByDatabase = "rejected_by_database"
}

/// Input that could not be understood: kept, with its place and the reason.
package struct DeadLetter: Sendable {
    package var reason: DeadLetterReason
    package var file: String
    /// Index of the record in its drop, from 0; nil where the input is no record.
    package var record: Int64?
    /// Index of the tuple in its record; nil where the whole record is meant.
    package var tuple: Int64?
    /// Uncompressed byte offset at which the input begins.
    package var offset: Int64
    /// The log's category, where the record names one.
    package var category: String?
    /// What is wrong, and what to do about it, in a sentence.
    package var detail: String
    /// The input itself, cut at `inputLimit` bytes.
    package var input: [UInt8]
    /// Hash of the whole input, before it was cut: a dead letter read twice is stored once.
    package var hash: RecordHash

    /// Bytes of input that a dead letter keeps.
    package static let inputLimit = 65_536

    package init(
        reason: DeadLetterReason, file: String, record: Int64?, tuple: Int64? = nil, offset: Int64, category: String?,
        detail: String, input: [UInt8], hash: RecordHash
    ) {
        self.reason = reason
        self.file = file
        self.record = record
        self.tuple = tuple
        self.offset = offset
        self.category = category
        self.detail = detail
        self.input = input
        self.hash = hash
    }
}
