internal import FlowModel

/// `nsg-v1`: NSG flow logs, version 1: `time,source,destination,sport,dport,T|U,I|O,A|D`, without state and counters.
///
/// https://learn.microsoft.com/azure/network-watcher/nsg-flow-logs-overview#log-format
enum NSGV1Format: TupleFormat {
    static let fieldCount = 8

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        try NSGFlowLog.decode(NSGV1Format.self, as: .nsgV1, &context, into: &batch)
    }

    static func read(_ tuple: inout TupleReader, into row: inout FlowRow, _ texts: inout TupleTexts) -> Bool {
        guard let time = tuple.readNSGFields(into: &row) else { return false }
        row.time = time
        return true
    }
}
