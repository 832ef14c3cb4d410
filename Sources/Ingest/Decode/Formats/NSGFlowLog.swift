internal import FlowModel

/// What NSG flow logs of version 1 and 2 share: everything but the tuple.
///
/// `properties.flows[]` holds rules, their `flows[]` MACs with tuples. `resourceId` names the NSG, which is source,
/// vantage and acl at once.
/// https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview#log-format
enum NSGFlowLog {
    static let category: StaticString = "NetworkSecurityGroupFlowEvent"

    /// The digit of the log's `Version`; 0 for what is no single one.
    static func version(_ context: FormatContext) throws(Fault) -> UInt8 {
        guard context.header.properties >= 0 else { throw .bad("the record holds no properties") }
        var cursor = JSONCursor(context.bytes, at: context.header.properties)
        try cursor.openObject()
        while let key = try cursor.nextKey() {
            guard context.bytes.equals("Version", from: key.start, to: key.end) else {
                try cursor.skipValue()
                continue
            }
            guard let value = try cursor.scalar(), value.count == 1 else { return 0 }
            return context.bytes[value.lowerBound]
        }
        throw .bad("the record names no Version")
    }

    static func decode<Tuple: TupleFormat>(
        _ tuples: Tuple.Type, as format: LogFormat, _ context: inout FormatContext, into batch: inout FlowBatch
    ) throws(Fault) {
        let recordTime = try context.recordTimeIfAny()
        guard let resource = context.header.resource, !resource.isEmpty else {
            throw .bad("the record names no resourceId")
        }
        var row = FlowRow(format: format)
        row.record = context.record
        row.mac = context.mac(context.header.mac)
        row.source = try context.internLowercased(resource, into: &batch)
        row.vantage = row.source
        row.acl = row.source
        if let recordTime { batch.records[Int(context.record)].time = recordTime }
        var walker = FlowLogWalker<Tuple>(context)
        var cursor = JSONCursor(context.bytes, at: context.header.properties)
        let shared = row
        let hasFlows = try cursor.readGroup(text: nil, array: "flows") { (cursor, _) throws(Fault) in
            try cursor.openArray()
            while try cursor.nextElement() {
                _ = try cursor.readGroup(text: "rule", array: "flows") { (cursor, rule) throws(Fault) in
                    var row = shared
                    if let rule { row.rule = try context.intern(rule, into: &batch) }
                    try readMACs(&cursor, &walker, of: row, &context, into: &batch)
                }
            }
        }
        guard hasFlows else { throw .bad("properties holds no flows") }
    }

    private static func readMACs<Tuple: TupleFormat>(
        _ cursor: inout JSONCursor, _ walker: inout FlowLogWalker<Tuple>, of shared: FlowRow,
        _ context: inout FormatContext, into batch: inout FlowBatch
    ) throws(Fault) {
        try cursor.openArray()
        while try cursor.nextElement() {
            _ = try cursor.readGroup(text: "mac", array: "flowTuples") { (cursor, mac) throws(Fault) in
                var row = shared
                let own = context.mac(mac)
                if own != 0 { row.mac = own }
                try walker.readTuples(&cursor, of: row, &context, into: &batch)
            }
        }
    }
}

extension TupleReader {
    /// The fields that both versions begin with: time to decision. Nil where the time lies beyond all years.
    @inline(__always)
    mutating func readNSGFields(into row: inout FlowRow) -> EventTime? {
        let time = time()
        row.sourceAddress = address()
        row.destinationAddress = address()
        row.sourcePort = Int32(truncatingIfNeeded: number(upTo: 65_535))
        row.destinationPort = Int32(truncatingIfNeeded: number(upTo: 65_535))
        switch letter() {
        case UInt8(ascii: "T"): row.ipProtocol = IPProtocol.tcp
        case UInt8(ascii: "U"): row.ipProtocol = IPProtocol.udp
        case UInt8(ascii: "I"): row.ipProtocol = IPProtocol.icmp
        default: reject()
        }
        readDirection(into: &row)
        switch letter() {
        case UInt8(ascii: "A"): row.action = .allow
        case UInt8(ascii: "D"): row.action = .deny
        default: reject()
        }
        return time
    }
}
