internal import FlowModel

/// `azfw-network-rule`: one row for each connection attempt that a network rule or the default action judged.
///
/// IPv6 comes in brackets and written out, ICMP as `ICMP Type=8` with port 0; a default deny has empty rule fields.
/// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwnetworkrule
enum AZFWNetworkRuleFormat {
    static let category: StaticString = "AZFWNetworkRule"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwNetworkRule, into: &batch)
        let properties = try FirewallProperties(
            &context,
            columns: [
                .protocol, .sourceIP, .sourcePort, .destinationIP, .destinationPort, .action, .group, .collection,
                .rule,
            ])
        try properties.readProtocol(into: &row, &context)
        try properties.readEndpoints(into: &row, &context)
        row.action = try properties.action(&context)
        guard row.action != .none, !row.sourceAddress.isNone, !row.destinationAddress.isNone else {
            throw .bad("the record lacks SourceIp, DestinationIp or Action")
        }
        row.rule = try properties.rule(&context, into: &batch)
        row.attributes = context.attributesID(isUnique: false, into: &batch)
        batch.append(row)
    }
}
