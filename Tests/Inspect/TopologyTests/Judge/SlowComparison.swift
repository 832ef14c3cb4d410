import FlowModel
import Topology

/// Asks the module under test what the slow evaluator was asked, and holds the answers against each other.
struct SlowComparison {
    struct Disagreement {
        var field: String
        var allowed: String
        var answered: String
        var explanation: Explanation
    }

    static let numbers = ["tcp": IPProtocol.tcp, "udp": IPProtocol.udp, "icmp": IPProtocol.icmp]

    let world: SlowWorld
    let topology: Topology

    init(_ world: SlowWorld) throws {
        self.world = world
        topology = try Topology(documents: world.documents)
    }

    func explanation(_ pair: SlowPair) throws -> Explanation {
        let client = try place(pair.client, beside: nil)
        let destination = try place(pair.destination, beside: client.domain)
        return topology.explain(
            from: client, to: destination, ipProtocol: Self.numbers[pair.protocolName] ?? 0, port: nil)
    }

    /// Of what the page leaves open, what the answer is sure of.
    func tooSure(_ answer: Explanation, _ outcome: SlowOutcome) -> [String] {
        guard answer.confidence == .high else { return [] }
        let truths = [
            ("inspected", outcome.inspected, answer.inspected), ("works", outcome.works, answer.works),
            ("symmetric", outcome.symmetric, answer.symmetric),
        ]
        return truths.filter { $0.2 != nil && $0.1.isSuperset(of: [.yes, .no]) }.map(\.0)
    }

    func disagreement(_ pair: SlowPair, _ outcome: SlowOutcome) throws -> Disagreement? {
        disagreement(try explanation(pair), outcome)
    }

    /// The first answer that is not allowed, if any.
    func disagreement(_ answer: Explanation, _ outcome: SlowOutcome) -> Disagreement? {
        func differ(_ field: String, _ allowed: String, _ answered: String) -> Disagreement {
            Disagreement(field: field, allowed: allowed, answered: answered, explanation: answer)
        }
        let chosen = answer.routes.filter(\.chosen).map { "\($0.subnet) \($0.prefix) \($0.source) \($0.nextHopType)" }
        let expected = outcome.decisions.map { "\($0.subnet) \($0.prefix.text) \($0.source) \($0.hop)" }
        for (index, decision) in expected.enumerated() where index >= chosen.count || chosen[index] != decision {
            return differ("route", decision, index < chosen.count ? chosen[index] : "none")
        }
        // The ends of the session may be appliances themselves.
        let ends = [answer.from, answer.to]
        let devices = answer.forward.filter { !ends.contains($0.address ?? "-") }.compactMap(text)
        if let allowed = outcome.devices,
            outcome.devicesAreWhole ? devices != allowed : !devices.starts(with: allowed)
        {
            return differ("devices", "\(allowed)", "\(devices)")
        }
        let truths = [
            ("inspected", outcome.inspected, answer.inspected), ("works", outcome.works, answer.works),
            ("symmetric", outcome.symmetric, answer.symmetric),
        ]
        for (field, allowed, answered) in truths where !allowed.contains(SlowTruth(answered)) {
            return differ(field, allowed.map(\.rawValue).sorted().joined(separator: "|"), SlowTruth(answered).rawValue)
        }
        return sight(outcome, answer).map { differ($0.0, $0.1, $0.2) }
    }

    private func sight(_ outcome: SlowOutcome, _ answer: Explanation) -> (String, String, String)? {
        var missing: (String, String, String)?
        for (vantage, sight) in outcome.sees.sorted(by: { $0.key < $1.key }) {
            let kind = vantage.split(separator: "/").dropLast().last.map(String.init) ?? ""
            guard let seen = answer.sees.first(where: { $0.vantage == vantage }) else {
                if kind == "azurefirewalls", sight.forward != ["true on_path"] { continue }
                missing = ("sees \(kind)", "a word", "no word")
                continue
            }
            let forward = "\(seen.forward.map { "\($0)" } ?? "nil") \(seen.forwardReason.rawValue)"
            let back = "\(seen.back.map { "\($0)" } ?? "nil") \(seen.backReason.rawValue)"
            if !sight.forward.contains(forward) {
                return ("sees \(kind) forward", "\(sight.forward.sorted())", forward)
            }
            if !sight.back.contains(back) { return ("sees \(kind) back", "\(sight.back.sorted())", back) }
        }
        return missing
    }

    private func text(_ hop: Hop) -> String? {
        switch hop.kind {
        case .firewall: "firewall \(hop.address ?? "")"
        case .appliance, .router: "appliance \(hop.address ?? "")"
        case .gateway: "gateway"
        default: nil
        }
    }

    private func place(_ place: SlowPair.Place, beside domain: Int32?) throws -> Place {
        switch place {
        case .interface(let name):
            let interface = world.interfaces.first { $0.name == name }
            return try topology.place("\(interface?.address.text ?? "")@\(interface?.vnet ?? "")")
        case .privateEndpoint(let name):
            let endpoint = world.privateEndpoints.first { $0.name == name }
            return try topology.place("\(endpoint?.address.text ?? "")@\(endpoint?.vnet ?? "")")
        case .site(let name, let address):
            let gateway = world.sites.first { $0.name == name }?.gateway
            let vnet = world.vnet(world.gateways.first { $0.name == gateway }?.vnet ?? "")
            let inside = vnet?.ranges[0].host(5 * 256 + 30).text ?? ""
            let home = try topology.place("\(inside)@\(vnet?.name ?? "")").domain
            return topology.place(IPAddress(address.text) ?? .none, domain: home)
        case .internet(let address), .nowhere(let address):
            return topology.place(IPAddress(address.text) ?? .none, domain: domain ?? -1)
        }
    }
}
