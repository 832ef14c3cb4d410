internal import FlowModel

/// `vnet-v4`: VNet flow logs, version 4, of a VNet, subnet or NIC.
///
/// `time,source,destination,sport,dport,protocol,direction,state,encryption,packets,bytes,packets,bytes` where the
/// first counters are source to destination. State D is a denied flow, all others were allowed. `B` and `D` write
/// zeros, documents also show nothing there; each is kept as written. ICMP is never logged; it is read if it comes.
/// https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview#log-format
enum VNetV4Format: TupleFormat {
    static let category: StaticString = "FlowLogFlowEvent"
    static let fieldCount = 13

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        try checkVersion(context)
        let recordTime = try context.recordTimeIfAny()
        var row = FlowRow(format: .vnetV4)
        row.record = context.record
        row.mac = context.mac(context.header.mac)
        if let target = context.header.target { row.vantage = try context.internLowercased(target, into: &batch) }
        row.source = row.vantage
        if let flowLog = context.header.flowLog, !flowLog.isEmpty {
            row.source = try context.internLowercased(flowLog, into: &batch)
        }
        guard !row.source.isNone else { throw .bad("the record names neither flowLogResourceID nor targetResourceID") }
        if let recordTime { batch.records[Int(context.record)].time = recordTime }
        try readFlows(of: row, &context, into: &batch)
    }

    private static func checkVersion(_ context: FormatContext) throws(Fault) {
        guard context.header.flowLogVersion >= 0 else { throw .bad("the record names no flowLogVersion") }
        var cursor = JSONCursor(context.bytes, at: context.header.flowLogVersion)
        guard let version = try cursor.scalar(), version.count == 1,
            context.bytes[version.lowerBound] == UInt8(ascii: "4")
        else { throw .unsupported("a VNet flow log of another version than 4") }
    }

    private static func readFlows(
        of shared: FlowRow, _ context: inout FormatContext, into batch: inout FlowBatch
    ) throws(Fault) {
        guard context.header.flowRecords >= 0 else { throw .bad("the record holds no flowRecords") }
        var walker = FlowLogWalker<VNetV4Format>(context)
        var cursor = JSONCursor(context.bytes, at: context.header.flowRecords)
        let hasFlows = try cursor.readGroup(text: nil, array: "flows") { (cursor, _) throws(Fault) in
            try cursor.openArray()
            while try cursor.nextElement() {
                _ = try cursor.readGroup(text: "aclID", array: "flowGroups") { (cursor, acl) throws(Fault) in
                    var row = shared
                    if let acl { row.acl = try context.internLowercased(acl, into: &batch) }
                    try readGroups(&cursor, &walker, of: row, &context, into: &batch)
                }
            }
        }
        guard hasFlows else { throw .bad("flowRecords holds no flows") }
    }

    private static func readGroups(
        _ cursor: inout JSONCursor, _ walker: inout FlowLogWalker<VNetV4Format>, of shared: FlowRow,
        _ context: inout FormatContext, into batch: inout FlowBatch
    ) throws(Fault) {
        try cursor.openArray()
        while try cursor.nextElement() {
            _ = try cursor.readGroup(text: "rule", array: "flowTuples") { (cursor, rule) throws(Fault) in
                var row = shared
                if let rule { row.rule = try context.intern(rule, into: &batch) }
                try walker.readTuples(&cursor, of: row, &context, into: &batch)
            }
        }
    }

    static func read(_ tuple: inout TupleReader, into row: inout FlowRow, _ texts: inout TupleTexts) -> Bool {
        let time = tuple.time()
        row.sourceAddress = tuple.address()
        row.destinationAddress = tuple.address()
        row.sourcePort = Int32(truncatingIfNeeded: tuple.number(upTo: 65_535))
        row.destinationPort = Int32(truncatingIfNeeded: tuple.number(upTo: 65_535))
        row.ipProtocol = Int16(truncatingIfNeeded: tuple.required(upTo: 255))
        tuple.readDirection(into: &row)
        tuple.readState(into: &row)
        row.action = row.state == .deny ? .deny : .allow
        texts.note(tuple.text())
        tuple.readCounters(into: &row)
        guard let time else { return false }
        row.time = time
        return true
    }
}

extension TupleReader {
    /// `I` or `O`, relative to the NIC.
    @inline(__always)
    mutating func readDirection(into row: inout FlowRow) {
        switch letter() {
        case UInt8(ascii: "I"): row.direction = .inbound
        case UInt8(ascii: "O"): row.direction = .outbound
        default: reject()
        }
    }

    /// `B`, `C`, `E`, and `D` where the state tells a denial.
    @inline(__always)
    mutating func readState(into row: inout FlowRow) {
        switch letter() {
        case UInt8(ascii: "B"): row.state = .begin
        case UInt8(ascii: "C"): row.state = .continue
        case UInt8(ascii: "E"): row.state = .end
        case UInt8(ascii: "D"): row.state = .deny
        default: reject()
        }
    }

    /// Packets and bytes from source to destination, then back. Empty is absent, not 0.
    @inline(__always)
    mutating func readCounters(into row: inout FlowRow) {
        row.packetsSent = number()
        row.bytesSent = number()
        row.packetsReceived = number()
        row.bytesReceived = number()
    }
}
