internal import FlowModel

/// `azfw-fat-flow`: a sample, every few minutes, of the flows with the highest rate, in Mbit/s. A rate, not a volume;
/// most rows describe the way back, to the firewall's own address. `FlowRate` is a text with the noise of a binary
/// fraction.
///
/// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwfatflow
enum AZFWFatFlowFormat {
    static let category: StaticString = "AZFWFatFlow"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwFatFlow, into: &batch)
        let properties = try FirewallProperties(
            &context, columns: [.protocol, .sourceIP, .sourcePort, .destinationIP, .destinationPort, .flowRate])
        try properties.readProtocol(into: &row, &context)
        try properties.readEndpoints(into: &row, &context)
        row.rateMbps = try properties.rate(.flowRate, context)
        guard !row.rateMbps.isNaN, !row.sourceAddress.isNone, !row.destinationAddress.isNone else {
            throw .bad("the record lacks SourceIp, DestinationIp or FlowRate")
        }
        row.attributes = context.attributesID(isUnique: false, into: &batch)
        batch.append(row)
    }
}
