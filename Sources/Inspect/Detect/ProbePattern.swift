import Correlate
import FlowModel

/// What UDP and ICMP to a private endpoint look like: whoever reads of them wants to know where they come from.
struct ProbePattern {
    private let hasICMP: Bool
    /// Destination ports of UDP, as far as the evidence shows them, sorted.
    private let ports: [Int32]

    init(_ evidence: [PairEvidence: EvidenceSample]) {
        hasICMP = evidence[.icmp]?.rows.isEmpty == false
        ports = Set((evidence[.udp]?.rows ?? []).map(\.destinationPort).filter { $0 >= 0 }).sorted()
    }

    /// More ports than that are tried by none that wants something of one service.
    private static let scanPorts = 10

    /// Services at well-known UDP ports, none of which stands behind a private endpoint [IANA service names].
    private static let services: [Int32: String] = [
        53: "DNS", 123: "NTP", 161: "SNMP", 162: "SNMP traps", 443: "QUIC, which browsers try before TCP",
        514: "syslog",
        1434: "SQL Server Browser", 3389: "RDP", 5060: "SIP",
    ]

    /// `ICMP is what ping and monitoring send; UDP to port 161 (SNMP)`; nil where nothing is known of them.
    var text: String? {
        var parts: [String] = []
        if hasICMP { parts.append("ICMP is what ping and monitoring send") }
        if ports.count >= ProbePattern.scanPorts {
            parts.append("UDP to \(ports.count) ports or more is a scan")
        } else if !ports.isEmpty {
            let names = ports.map { port in "\(port)\(ProbePattern.services[port].map { " (\($0))" } ?? "")" }
            parts.append("UDP goes to port\(ports.count == 1 ? "" : "s") \(names.joined(separator: ", "))")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
