/// A log's format, named as `format` in a normalised flow record.
package enum LogFormat: UInt8, Sendable, CaseIterable, Hashable {
    case nsgV1, nsgV2, vnetV4
    case azfwNetworkRule, azfwApplicationRule, azfwNATRule, azfwDNSQuery, azfwFlowTrace, azfwFatFlow
    case azfwLegacyNetworkRule, azfwLegacyDNSProxy

    package var name: String {
        switch self {
        case .nsgV1: return "nsg-v1"
        case .nsgV2: return "nsg-v2"
        case .vnetV4: return "vnet-v4"
        case .azfwNetworkRule: return "azfw-network-rule"
        case .azfwApplicationRule: return "azfw-application-rule"
        case .azfwNATRule: return "azfw-nat-rule"
        case .azfwDNSQuery: return "azfw-dns-query"
        case .azfwFlowTrace: return "azfw-flow-trace"
        case .azfwFatFlow: return "azfw-fat-flow"
        case .azfwLegacyNetworkRule: return "azfw-legacy-network-rule"
        case .azfwLegacyDNSProxy: return "azfw-legacy-dns-proxy"
        }
    }

    package init?(name: String) {
        guard let format = LogFormat.allCases.first(where: { $0.name == name }) else { return nil }
        self = format
    }

    /// True for flow logs, taken at a workload's NIC; false for what a firewall writes.
    package var isFlowLog: Bool { self == .nsgV1 || self == .nsgV2 || self == .vnetV4 }
    /// True for Azure Firewall's text records, whose events the structured categories tell again.
    package var isLegacy: Bool { self == .azfwLegacyNetworkRule || self == .azfwLegacyDNSProxy }
    /// True where a row can stand for a session or its attempt: DNS, fat-flow and flow-trace rows never count.
    package var isSession: Bool {
        switch self {
        case .azfwDNSQuery, .azfwLegacyDNSProxy, .azfwFatFlow, .azfwFlowTrace: return false
        default: return true
        }
    }
}

/// Direction relative to the NIC that logged; `none` for firewall records.
package enum FlowDirection: UInt8, Sendable {
    case none, inbound, outbound

    package var name: String? {
        switch self {
        case .none: return nil
        case .inbound: return "in"
        case .outbound: return "out"
        }
    }
}

/// What the log says was done with the flow; `none` where it says nothing (flow trace, DNS).
package enum FlowAction: UInt8, Sendable, CaseIterable {
    case none, allow, deny, drop, reject, alert, reset

    package var name: String? { self == .none ? nil : "\(self)" }
}

/// Where in its life a flow was logged. A `begin` carries no counters of its own interval.
package enum FlowState: UInt8, Sendable, CaseIterable {
    case none, begin, `continue`, end, deny

    package var name: String? { self == .none ? nil : "\(self)" }
}

/// IANA protocol numbers that the product reasons about.
package enum IPProtocol {
    package static let icmp: Int16 = 1
    package static let tcp: Int16 = 6
    package static let udp: Int16 = 17
    package static let icmpV6: Int16 = 58

    /// `tcp`, `udp`, `icmp`; else the number.
    package static func name(_ number: Int16) -> String {
        switch number {
        case icmp: return "icmp"
        case tcp: return "tcp"
        case udp: return "udp"
        case icmpV6: return "icmpv6"
        default: return String(number)
        }
    }

    package static func number(_ name: String) -> Int16? {
        switch name.lowercased() {
        case "icmp": return icmp
        case "tcp": return tcp
        case "udp": return udp
        case "icmpv6": return icmpV6
        default: return Int16(name).flatMap { (0...255).contains($0) ? $0 : nil }
        }
    }
}

/// 128 bits of the SHA-256 over a record's raw bytes, from its `{` to its `}`: what "same record" means.
package struct RecordHash: Hashable, Sendable, Comparable {
    package var upper: UInt64
    package var lower: UInt64

    package init(upper: UInt64, lower: UInt64) {
        self.upper = upper
        self.lower = lower
    }

    package static func < (left: RecordHash, right: RecordHash) -> Bool {
        left.upper == right.upper ? left.lower < right.lower : left.upper < right.upper
    }
}

extension RecordHash: CustomStringConvertible {
    /// 32 lower-case hex digits.
    package var description: String {
        func hex(_ value: UInt64) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return hex(upper) + hex(lower)
    }

    package init?(_ text: String) {
        guard text.utf8.count == 32, let upper = UInt64(text.prefix(16), radix: 16),
            let lower = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(upper: upper, lower: lower)
    }
}
