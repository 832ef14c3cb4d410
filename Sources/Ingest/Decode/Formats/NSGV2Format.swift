internal import FlowModel

/// `nsg-v2`: NSG flow logs, version 2: version 1 and `B|C|E,packets,bytes,packets,bytes`.
///
/// Counters count since the last tuple of the flow and are empty on `B`, also for a denied flow.
/// https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview#log-format
enum NSGV2Format: TupleFormat {
    static let fieldCount = 13

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        try NSGFlowLog.decode(NSGV2Format.self, as: .nsgV2, &context, into: &batch)
    }

    static func read(_ tuple: inout TupleReader, into row: inout FlowRow, _ texts: inout TupleTexts) -> Bool {
        let time = tuple.readNSGFields(into: &row)
        tuple.readState(into: &row)
        if row.state == .deny { tuple.reject() }
        tuple.readCounters(into: &row)
        guard let time else { return false }
        row.time = time
        return true
    }
}
