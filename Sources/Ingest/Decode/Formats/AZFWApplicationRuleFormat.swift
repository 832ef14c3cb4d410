internal import FlowModel

/// `azfw-application-rule`: one row for each request that an application rule judged. Real records name no address of
/// the destination, only its name.
///
/// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwapplicationrule
enum AZFWApplicationRuleFormat {
    static let category: StaticString = "AZFWApplicationRule"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwApplicationRule, into: &batch)
        // HTTP, HTTPS and MSSQL all are TCP: the word stays in the attributes.
        let properties = try FirewallProperties(
            &context,
            columns: [
                .protocol, .sourceIP, .sourcePort, .destinationIP, .destinationPort, .action, .group, .collection,
                .rule,
                .fqdn, .targetURL,
            ], kept: [.protocol])
        try properties.readProtocol(into: &row, &context)
        try properties.readEndpoints(into: &row, &context)
        row.action = try properties.action(&context)
        guard row.action != .none, !row.sourceAddress.isNone else {
            throw .bad("the record lacks SourceIp or Action")
        }
        row.rule = try properties.rule(&context, into: &batch)
        if let fqdn = properties.text(.fqdn) { row.fqdn = try context.internHost(fqdn, into: &batch) }
        if let url = properties.text(.targetURL) { row.url = try context.intern(url, into: &batch) }
        row.attributes = context.attributesID(isUnique: false, into: &batch)
        batch.append(row)
    }
}
