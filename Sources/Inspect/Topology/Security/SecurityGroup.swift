internal import FlowModel

/// A network security group: its rules and Azure's default rules, by direction, the decisive one first.
struct SecurityGroup {
    /// Lower-cased.
    var id: String
    var name: String
    var inbound: [SecurityRule]
    var outbound: [SecurityRule]

    init(id: String, name: String, rules: [SecurityRule]) {
        self.id = id
        self.name = name
        // Azure allows a priority once for each direction; equal ones in an export are read by name.
        let sorted = rules.sorted { ($0.priority, $0.name) < ($1.priority, $1.name) }
        inbound = sorted.filter { $0.direction == .inbound }
        outbound = sorted.filter { $0.direction == .outbound }
    }

    func rules(_ direction: SecurityDirection) -> [SecurityRule] { direction == .inbound ? inbound : outbound }
}

/// One rule of a network security group [learn: network-security-groups-overview].
struct SecurityRule {
    var name: String
    /// 100 to 4096, and 65000 and above for Azure's own; the lowest number that matches decides.
    var priority: Int
    var direction: SecurityDirection
    var allows: Bool
    var ipProtocol: RuleProtocol
    var source: RuleAddresses
    var destination: RuleAddresses
    var sourcePorts: PortRanges
    var destinationPorts: PortRanges
    /// What in it cannot be read (an expression of a template); such a rule may match anything.
    var unreadable: String?
}

/// Whose protocol numbers a rule means.
enum RuleProtocol: Hashable {
    case any
    case number(Int16)

    /// Reads `Tcp`, `*`, …; nil for anything else.
    init?(_ text: String) {
        switch text.lowercased() {
        case "*", "any", "all": self = .any
        case "tcp": self = .number(6)
        case "udp": self = .number(17)
        case "icmp": self = .number(1)
        case "esp": self = .number(50)
        case "ah": self = .number(51)
        default: return nil
        }
    }

    func matches(_ ipProtocol: Int16) -> Bool {
        switch self {
        case .any: return true
        // Rules have one word for ICMP and ICMPv6.
        case .number(1): return ipProtocol == 1 || ipProtocol == 58
        case .number(let number): return number == ipProtocol
        }
    }
}

/// Source or destination of a rule; it matches where one of its parts does.
struct RuleAddresses {
    var isAny = false
    var ranges = AddressRanges([])
    var tags: [ServiceTag] = []
    /// Lower-cased ids of application security groups.
    var groups: [String] = []
    /// Parts whose addresses the exports do not tell, each as a reason.
    var unknowns: [String] = []

    /// Reads prefixes, tags and `*`; no text and no group at all is a rule without that condition.
    init(_ texts: [String], groups: [String] = []) {
        var ranges: [ClosedRange<IPAddress>] = []
        for text in separated(texts) {
            switch AddressText(text) {
            case .any: isAny = true
            case .range(let range): ranges.append(range)
            case .word(let word) where word.contains("["): unknowns.append("\(word) is an expression of a template")
            case .word(let word): tags.append(ServiceTag(word))
            }
        }
        self.ranges = AddressRanges(ranges)
        self.groups = groups
        if texts.isEmpty && groups.isEmpty { isAny = true }
    }
}
