package import FlowModel

/// A row kept as evidence: what a finding copies.
package struct EvidenceRow: Sendable, Hashable {
    package var hash: RecordHash
    package var ordinal: Int32
    package var time: EventTime
    /// Numbers in the correlator's name table.
    package var source: Int32
    package var vantage: Int32
    package var sourceAddress: IPAddress
    package var destinationAddress: IPAddress
    package var sourcePort: Int32
    package var destinationPort: Int32
    package var ipProtocol: Int16
    /// -1 where the log has no counters.
    package var bytesSent: Int64
    package var bytesReceived: Int64
    package var format: LogFormat
    package var action: FlowAction

    package init(
        hash: RecordHash, ordinal: Int32, time: EventTime, source: Int32, vantage: Int32, sourceAddress: IPAddress,
        destinationAddress: IPAddress, sourcePort: Int32, destinationPort: Int32, ipProtocol: Int16, bytesSent: Int64,
        bytesReceived: Int64, format: LogFormat, action: FlowAction
    ) {
        self.hash = hash
        self.ordinal = ordinal
        self.time = time
        self.source = source
        self.vantage = vantage
        self.sourceAddress = sourceAddress
        self.destinationAddress = destinationAddress
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.ipProtocol = ipProtocol
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.format = format
        self.action = action
    }

    /// Whether this row is taken before the other one: by record hash and ordinal, never by arrival.
    package func precedes(_ other: EvidenceRow) -> Bool {
        hash == other.hash ? ordinal < other.ordinal : hash < other.hash
    }
}

/// The rows of the smallest hashes: a sample of bounded size that does not depend on the order of arrival.
package struct EvidenceSample: Sendable {
    package private(set) var rows: [EvidenceRow] = []
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    package mutating func insert(_ row: EvidenceRow) {
        if rows.count == limit, let last = rows.last, !row.precedes(last) { return }
        var position = rows.count
        while position > 0, row.precedes(rows[position - 1]) { position -= 1 }
        // The same row once: a record that is seen again tells nothing new.
        if position > 0, !rows[position - 1].precedes(row) { return }
        rows.insert(row, at: position)
        if rows.count > limit { rows.removeLast() }
    }

    func filter(_ keeps: (EvidenceRow) -> Bool) -> EvidenceSample {
        var sample = EvidenceSample(limit: limit)
        sample.rows = rows.filter(keeps)
        return sample
    }

    package mutating func insert(all other: EvidenceSample) {
        for row in other.rows { insert(row) }
    }
}
