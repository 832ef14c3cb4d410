import FlowModel
package import Topology

/// One row of a flow log, with what several aggregates need of it.
struct FlowView {
    let row: FlowRow
    let sighting: Sighting
    let log: Int32
    let observer: Int32
    let path: PathFacts

    /// Missing counters add nothing; that they are missing is not told apart here, because no detector takes the
    /// absence of bytes as evidence.
    var bytesSent: Int64 { min(max(row.bytesSent, 0), FlowView.bytesLimit) }
    var bytesReceived: Int64 { min(max(row.bytesReceived, 0), FlowView.bytesLimit) }

    /// 16 TiB: more than 100 Gbit/s carry in five minutes. Hostile counters are cut so that sums stay sums.
    private static let bytesLimit: Int64 = 1 << 44

    var session: SessionKey {
        SessionKey(
            client: row.sourceAddress, server: row.destinationAddress, clientPort: row.sourcePort,
            serverPort: row.destinationPort, domain: sighting.domain, ipProtocol: row.ipProtocol)
    }

    /// A `begin` carries no counters of its own interval, whatever its fields hold.
    var counts: SessionCounts {
        let isBegin = row.state == .begin
        let isAnswered = !isBegin && (row.packetsReceived > 0 || row.bytesReceived > 0)
        return SessionCounts(
            begin: isBegin ? row.time : nil, answered: isAnswered ? row.time : nil, first: row.time, last: row.time,
            packetsSent: isBegin ? 0 : max(row.packetsSent, 0), bytesSent: isBegin ? 0 : bytesSent,
            packetsReceived: isBegin ? 0 : max(row.packetsReceived, 0), bytesReceived: isBegin ? 0 : bytesReceived)
    }
}

extension IPAddress {
    /// 168.63.129.16: Azure's platform address (health probes, DHCP, DNS).
    /// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    static let platform = IPAddress(ipv4: 0xa83f_8110)
}

extension Endpoint {
    /// What a subject names: the subnet, or the on-premises prefix; nil where there is neither.
    package var group: String? { subnet ?? (kind == .onPremises ? id : nil) }

    /// True for what can be a client of a private endpoint in a finding: firewalls and appliances ask for others.
    var isClient: Bool { kind == .nic || kind == .subnet || kind == .onPremises }
}

extension Register {
    /// Bytes from which a row is shown as evidence of load: a thousandth of what the smallest firewall that it
    /// crosses carries in a minute, so that 20 rows show those that matter.
    func evidenceBytes(crossing: Int32) -> Int64 {
        let capacities = paths.crossings[Int(crossing)].compactMap { frame.firewalls[$0]?.capacityBytesPerMinute }
        return (capacities.min() ?? 1_000_000_000) / 1_000
    }
}

extension Firewall {
    /// Bytes that the firewall carries in a minute; nil where nothing says so.
    package var capacityBytesPerMinute: Int64? { capacityMbps.flatMap(bytesPerMinute) }
    /// Bytes that one connection carries in a minute; nil where nothing says so.
    package var singleFlowBytesPerMinute: Int64? { singleFlowMbps.flatMap(bytesPerMinute) }
}

/// Mbit/s are decimal: 7,500,000 bytes a minute each. Nil for what no firewall has.
private func bytesPerMinute(_ mbps: Double) -> Int64? {
    mbps > 0 && mbps < 1e9 ? Int64(mbps * 7_500_000) : nil
}

/// Changes a dictionary's value in place, made first where there is none.
func edit<Key: Hashable, Value>(
    _ table: inout [Key: Value], _ key: Key, _ fresh: @autoclosure () -> Value, _ change: (inout Value) -> Void
) {
    change(&table[key, default: fresh()])
}
