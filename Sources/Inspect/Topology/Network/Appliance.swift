internal import FlowModel

/// What a user route may name as next hop: an Azure Firewall, an NVA (by NIC or load balancer), a routing appliance.
struct Appliance {
    enum Kind { case azureFirewall, networkAppliance, router }

    /// Which source addresses it replaces by its own, before any rule is looked at.
    enum Translation {
        /// Towards everything outside these ranges (Azure Firewall) [learn: snat-private-range].
        case outside([IPPrefix])
        case never, always, privateEndpoints
    }

    var id: String
    var name: String
    var kind: Kind
    var addresses: [IPAddress]
    /// True where the export names no address and the one that routes name is taken.
    var hasAdoptedAddress = false
    var subnet: String
    var inspects: Bool
    /// True where neither the overlay nor the kind of resource says that it inspects, or how it translates.
    var isAssumed: Bool
    var translation: Translation
    var tier: String
    var capacityMbps: Double?
    var singleFlowMbps: Double?
    /// True where the platform brings private endpoints' answers back without translation.
    var returnsWithoutTranslation: Bool
    /// NICs of an appliance; empty for an Azure Firewall.
    var interfaces: [Interface] = []
    /// Machines behind the load balancer.
    var machines = 1
    /// Whether one instance sees a session whole, both ways, without translation; nil = the export does not say.
    var keepsSessionsTogether: Bool? = true

    struct Interface {
        var id: String
        var subnet: String
        var addresses: [IPAddress]
        var isPublic: Bool
        /// IP forwarding, as the export says.
        var forwards: Bool
    }

    /// Without IP forwarding the platform drops what is not for the NIC's own addresses
    /// [learn: virtual-networks-udr-overview]; nil where it forwards.
    func refusesToForward(enteredAt address: IPAddress) -> String? {
        let entered = interfaces.filter { $0.addresses.contains(address) }
        let candidates = entered.isEmpty ? interfaces : entered
        guard !candidates.isEmpty, candidates.allSatisfy({ !$0.forwards }) else { return nil }
        return "IP forwarding is off at \(name): it does not forward"
    }

    /// Where it sends a packet on from: for public destinations the interface with a public address, else the one that it
    /// came in by. How the machine itself routes stands in no export.
    func exit(towards destination: IPAddress, enteredAt address: IPAddress) -> String {
        guard Set(interfaces.map(\.subnet)).count > 1 else { return subnet }
        if !destination.isPrivate, let outer = interfaces.first(where: \.isPublic) { return outer.subnet }
        return interfaces.first { $0.addresses.contains(address) }?.subnet ?? subnet
    }
    /// Bounds that its autoscaling keeps, of an Azure Firewall; nil where the export names none.
    var instances: ClosedRange<Int>?

    /// Whether the destination sees one of its addresses instead of the client's, under a network rule.
    func translates(to destination: IPAddress, isPrivateEndpoint: Bool) -> Bool {
        switch translation {
        case .outside(let ranges): return !ranges.contains { $0.contains(destination) }
        case .never: return false
        case .always: return true
        case .privateEndpoints: return isPrivateEndpoint
        }
    }

    var hopKind: Hop.Kind {
        switch kind {
        case .azureFirewall: return .firewall
        case .networkAppliance: return .appliance
        case .router: return .router
        }
    }

    /// Private ranges that Azure Firewall does not translate towards by default: RFC 1918 and RFC 6598
    /// [learn: snat-private-range]; exports write them as `IANAPrivateRanges`.
    static let defaultPrivateRanges: [IPPrefix] =
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].compactMap { IPPrefix($0) }
}
