internal import FlowModel

/// `azfw-nat-rule`: one row for each connection that a DNAT rule translated. The record names no action.
///
/// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwnatrule
enum AZFWNATRuleFormat {
    static let category: StaticString = "AZFWNatRule"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwNATRule, into: &batch)
        let properties = try FirewallProperties(
            &context,
            columns: [
                .protocol, .sourceIP, .sourcePort, .destinationIP, .destinationPort, .translatedIP, .translatedPort,
                .action, .group, .collection, .rule,
            ])
        try properties.readProtocol(into: &row, &context)
        try properties.readEndpoints(into: &row, &context)
        row.natDestinationAddress = try properties.address(.translatedIP, &context)
        row.natDestinationPort = try properties.port(.translatedPort, context)
        row.action = try properties.action(&context)
        guard !row.sourceAddress.isNone, !row.destinationAddress.isNone, !row.natDestinationAddress.isNone else {
            throw .bad("the record lacks SourceIp, DestinationIp or TranslatedIp")
        }
        row.rule = try properties.rule(&context, into: &batch)
        row.attributes = context.attributesID(isUnique: false, into: &batch)
        batch.append(row)
    }
}
