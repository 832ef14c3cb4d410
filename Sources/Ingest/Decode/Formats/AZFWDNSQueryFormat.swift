internal import FlowModel

/// `azfw-dns-query`: one row for each query that the firewall's DNS proxy answered; no destination, no action.
///
/// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwdnsquery
enum AZFWDNSQueryFormat {
    static let category: StaticString = "AZFWDnsQuery"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwDNSQuery, into: &batch)
        let properties = try FirewallProperties(
            &context, columns: [.protocol, .sourceIP, .sourcePort, .queryName])
        try properties.readProtocol(into: &row, &context)
        try properties.readEndpoints(into: &row, &context)
        guard let name = properties.text(.queryName) else { throw .bad("the record lacks QueryName") }
        row.fqdn = try context.internHost(name, into: &batch)
        row.attributes = context.attributesID(isUnique: true, into: &batch)
        batch.append(row)
    }
}
