internal import FlowModel

/// What the id of a vantage point says, looked up once a batch.
struct Vantage {
    /// Routing domain; -1 where the topology does not hold the id.
    var domain: Int32
    /// Index of the observer that the vantage point is itself (NIC, firewall); -1 where it stands for several NICs.
    var observer: Int32
    /// How good its flow log is; of a firewall's id, `never`, because its rows are ranked by their format.
    var flowLogRank: SourceRank?

    /// How good a flow log taken there is, by the kind of resource that the lower-cased id ends in.
    ///
    /// Nearer to the NIC is better (design: counted once). Nil where the id is none of the four kinds.
    static func flowLogRank(of id: ArraySlice<UInt8>) -> SourceRank? {
        // From the end: a subnet's id holds its VNet's, too.
        let parts = id.split(separator: UInt8(ascii: "/"))
        guard parts.count >= 2 else { return nil }
        let kind = parts[parts.count - 2]
        if kind.elementsEqual("networkinterfaces".utf8) { return .nic }
        if kind.elementsEqual("subnets".utf8) { return .subnet }
        if kind.elementsEqual("virtualnetworks".utf8) { return .vnet }
        if kind.elementsEqual("networksecuritygroups".utf8) { return .nsg }
        return nil
    }
}
