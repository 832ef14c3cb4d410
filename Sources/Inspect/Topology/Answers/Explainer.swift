internal import FlowModel

/// Judges a session by its two paths: does it work, is it symmetric, who inspects it.
struct Explainer {
    private let shared: SharedNetwork
    var network: Network { shared.network }
    let from: Place
    let to: Place
    /// What was asked about, where the client's routes mean something else by its address.
    let asked: Place
    let ipProtocol: Int16
    /// Destination port; nil = any.
    let port: Int?
    let builder: PathBuilder
    let forward: Path
    let back: Path

    /// What comes of the session.
    enum Outcome {
        case works
        case fails(String)
        case unknown(String)
        /// Packets arrive at a private endpoint that answers other protocols only.
        case neverAnswered(String)
        /// The answer takes another way, past a device that does not expect it or has seen only the opening.
        case asymmetric
    }

    init(network: Network, from: Place, to: Place, ipProtocol: Int16, port: Int? = nil) {
        self.init(shared: SharedNetwork(network), from: from, to: to, ipProtocol: ipProtocol, port: port)
    }

    init(
        shared: SharedNetwork, from: Place, to: Place, ipProtocol: Int16, port: Int? = nil, asked: Place? = nil
    ) {
        self.asked = asked ?? to
        self.shared = shared
        self.from = from
        self.to = to
        self.ipProtocol = ipProtocol
        self.port = port
        builder = PathBuilder(
            shared: shared, domain: from.domain < 0 ? to.domain : from.domain, ipProtocol: ipProtocol,
            port: port)
        forward = builder.path(from: from, to: to)
        back = ReturnPath(builder: builder, from: from, to: to, forward: forward).build()
    }

    var isInspected: Bool? {
        // Whether it has its /32, and so which way packets take, is not stated.
        if isUnapproved { return nil }
        if !forward.inspectors.isEmpty { return true }
        if case .unknown = forward.end { return nil }
        return false
    }

    // MARK: Symmetry

    /// Devices that see the answer and never saw the opening.
    var backOnly: [Appliance] {
        back.appliances.filter { device in device.inspects && !forward.appliances.contains { $0.id == device.id } }
    }

    /// Devices that see the opening and never the answer.
    var forwardOnly: [Appliance] {
        forward.appliances.filter { device in device.inspects && !back.appliances.contains { $0.id == device.id } }
    }

    /// Why the two ways cannot be compared; nil where they can.
    var incomparable: String? {
        if isUnapproved { return "nothing answers: the private endpoint's connection is not approved" }
        switch forward.end {
        case .unknown(let reason): return reason
        case .dropped: return "nothing arrives, so nothing answers"
        case .neverAnswered: return "nothing answers"
        default: break
        }
        switch back.end {
        case .unknown(let reason) where backOnly.isEmpty: return reason
        case .dropped(let reason) where backOnly.isEmpty: return "nothing comes back: \(reason)"
        default: break
        }
        guard forward.inspectors == Array(back.inspectors.reversed()) else { return nil }
        return severalInstances
    }

    /// Several instances that share nothing may each get one way of the session, unless the device translates
    /// [seed; learn REST 2026-01-01: VirtualApplianceEcmp].
    private var severalInstances: String? {
        if let id = forward.equalCost.union(back.equalCost).sorted().first(where: { !isSureOfItsAnswer($0) }) {
            return
                "equal-cost next hops: without translation at \(network.displayName(id)) the answer may take another one"
        }
        let device = forward.appliances.first {
            $0.inspects && $0.keepsSessionsTogether != true && !isSureOfItsAnswer($0.id)
        }
        guard let device else { return nil }
        return device.keepsSessionsTogether == nil
            ? "\(device.name) has \(device.machines) instances, and the export does not hold its balancing rules"
            : "\(device.name) has \(device.machines) instances behind a load balancer without HA ports: without "
                + "translation the answer may reach another one"
    }

    /// The answer is sent to the device's own address; or the platform brings an endpoint's back to where it came from.
    private func isSureOfItsAnswer(_ id: String) -> Bool {
        if forward.translating.contains(id) { return true }
        guard case .host(.privateEndpoint) = forward.end, let last = forward.appliances.last else { return false }
        return last.id == id && last.returnsWithoutTranslation
    }

    var isSymmetric: Bool? {
        incomparable == nil ? forward.inspectors == Array(back.inspectors.reversed()) : nil
    }

    // MARK: Does it work

    var outcome: Outcome {
        if isUnapproved { return .fails("the private endpoint's connection is not approved") }
        switch forward.end {
        case .unknown(let reason): return .unknown(reason)
        case .dropped(let reason): return .fails(reason)
        case .neverAnswered(let id): return .neverAnswered(id)
        case .unclaimed: return .unknown("no resource of the export has the address \(to.address)")
        default: break
        }
        switch back.end {
        case .unknown(let reason) where backOnly.isEmpty: return .unknown(reason)
        case .dropped(let reason) where backOnly.isEmpty: return .fails(reason)
        default: break
        }
        if isSymmetric == false { return .asymmetric }
        return forward.doubt.map { .unknown($0) } ?? .works
    }

    /// A stateful firewall drops a return that has no session [azure-routes, "The way back"].
    func asymmetricVerdict() -> (works: Bool?, why: String) {
        guard let device = backOnly.first else {
            return (nil, "\(asymmetryReason); whether the firewall lets half a session pass is not stated")
        }
        let reason = "\(device.name) gets the answer and never saw the opening"
        guard ipProtocol == IPProtocol.tcp else {
            return (nil, "\(reason); whether it lets it pass depends on its rules")
        }
        guard !device.isAssumed else { return (nil, "\(reason); whether it keeps sessions is not known") }
        return (false, "\(reason): it has no session for the SYN-ACK and drops it")
    }

    var asymmetryReason: String {
        if let device = backOnly.first { return "the opening passes by \(device.name), the answer goes to it" }
        if let device = forwardOnly.first { return "the opening goes through \(device.name), the answer passes by it" }
        return "the answer crosses the firewalls in another order than the opening"
    }

    /// Whether the session can work; the words for it cost more, and come from `explanation()`.
    var works: Bool? {
        switch outcome {
        case .works: return true
        case .fails, .neverAnswered: return false
        case .unknown: return nil
        case .asymmetric: return asymmetricVerdict().works
        }
    }

    /// Only an approved connection carries traffic [learn: private-endpoint-overview].
    private var isUnapproved: Bool {
        let endpoint = privateEndpoint ?? network.privateEndpoints[asked.endpoint.id]
        return endpoint?.isApproved == false
    }

    /// The private endpoint that the destination is, if it is one.
    var privateEndpoint: PrivateEndpoint? {
        switch forward.end {
        case .host(.privateEndpoint(let id)), .neverAnswered(let id): return network.privateEndpoints[id]
        default: return to.endpoint.kind == .privateEndpoint ? network.privateEndpoints[to.endpoint.id] : nil
        }
    }
}
