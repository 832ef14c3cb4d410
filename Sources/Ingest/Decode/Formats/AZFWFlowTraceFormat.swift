internal import FlowModel

/// `azfw-flow-trace`: one row for each TCP packet that opens or closes a connection, or that the firewall holds no
/// state for (`INVALID`). Source and destination are the packet's, so a SYN-ACK runs from server to client. `Action` is
/// always `Log`, which is no action.
///
/// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwflowtrace,
/// https://learn.microsoft.com/azure/firewall/monitor-firewall (flow trace logs)
enum AZFWFlowTraceFormat {
    static let category: StaticString = "AZFWFlowTrace"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwFlowTrace, into: &batch)
        let properties = try FirewallProperties(
            &context, columns: [.protocol, .sourceIP, .sourcePort, .destinationIP, .destinationPort, .flag])
        try properties.readProtocol(into: &row, &context)
        try properties.readEndpoints(into: &row, &context)
        guard let flag = properties.text(.flag), !row.sourceAddress.isNone, !row.destinationAddress.isNone else {
            throw .bad("the record lacks SourceIp, DestinationIp or Flag")
        }
        row.tcpFlags = try context.intern(flag, into: &batch)
        row.attributes = context.attributesID(isUnique: false, into: &batch)
        batch.append(row)
    }
}
