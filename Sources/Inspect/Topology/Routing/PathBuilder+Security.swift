internal import FlowModel

/// What security groups and firewall rules do with an opening on its way. They are stateful: answers pass.
extension PathBuilder {
    /// At the sender: its NIC's group, then its subnet's. True where they let it out.
    func letOut(_ path: inout Path, to destination: Place) -> Bool {
        let flow = SecurityFlow(
            source: SecurityFlow.Side(path.source), destination: SecurityFlow.Side(destination),
            ipProtocol: ipProtocol, port: port,
            usualPorts: usualPorts(of: destination))
        return passes(SecurityJudge(network: network).outbound(flow), &path)
    }

    /// At the receiver, which sees the address of the last device that translates.
    func letIn(_ path: inout Path, to destination: Place) {
        guard path.reachesHost else { return }
        let flow = flow(from: source(of: path), to: destination)
        let last = path.hops.popLast()
        let isLetIn = letIn(flow, &path)
        if isLetIn { doubtInstances(of: flow, &path) }
        if let last {
            // The drop stands where the host would: its NIC's log shows the denied opening.
            isLetIn ? path.hops.append(last) : path.hops.insert(last, at: path.hops.count - 1)
        }
        path.isDeniedAtHost = !isLetIn
    }

    /// An Azure Firewall translates to the addresses of its instances, which no export lists: a group that lets its one known
    /// address in may keep those out.
    private func doubtInstances(of flow: SecurityFlow, _ path: inout Path) {
        if case .host(.loadBalancer) = path.end { return }
        guard let device = path.appliances.last(where: { path.translating.contains($0.id) }),
            device.kind == .azureFirewall,
            let prefix = network.subnets[device.subnet]?.prefixes.first(where: { $0.contains(flow.source.address) })
        else { return }
        var flow = flow
        let next = IPAddress(upper: flow.source.address.upper, lower: flow.source.address.lower &+ 1)
        flow.source.address = prefix.contains(next) ? next : prefix.address
        guard SecurityJudge(network: network).inbound(flow).denial != nil else { return }
        path.doubt =
            path.doubt
            ?? "a group lets \(device.name)'s own address in, and not the whole of its subnet, from which it translates"
    }

    /// At the NIC that gets it; behind a load balancer at each that may.
    private func letIn(_ flow: SecurityFlow, _ path: inout Path) -> Bool {
        let judge = SecurityJudge(network: network)
        guard case .host(.loadBalancer(let id)) = path.end, let balancer = network.loadBalancers[id], !balancer.isProxy
        else { return passes(judge.inbound(flow), &path) }
        let checks = balancer.interfaces.compactMap { network.interfaces[$0] }.map { nic in
            let frontend = flow.destination.address
            var flow = flow
            flow.destination = SecurityFlow.Side(
                address: nic.addresses.first ?? flow.destination.address, subnet: nic.subnet, interface: nic.id)
            flow.port = balancer.machinePort(protocolName, port: flow.port, at: frontend)
            return judge.inbound(flow)
        }
        return passAny(of: checks, behind: balancer, &path)
    }

    private func flow(from source: SecurityFlow.Side, to destination: Place) -> SecurityFlow {
        SecurityFlow(
            source: source, destination: SecurityFlow.Side(destination), ipProtocol: ipProtocol, port: port,
            usualPorts: usualPorts(of: destination))
    }

    /// Ports at which the destination is usually spoken to, where it is a private endpoint.
    private func usualPorts(of destination: Place) -> [Int] {
        guard destination.endpoint.kind == .privateEndpoint else { return [] }
        return network.privateEndpoints[destination.endpoint.id]?.usualPorts ?? []
    }

    private func source(of path: Path) -> SecurityFlow.Side {
        guard let device = path.appliances.last(where: { path.translating.contains($0.id) }) else {
            return SecurityFlow.Side(path.source)
        }
        return SecurityFlow.Side(address: path.shown(by: device), subnet: device.subnet)
    }

    /// Through an appliance's NICs, whose groups see the addresses of the session. True where they let it pass.
    func letThrough(
        _ appliance: Appliance, enteredAt entry: IPAddress, exit: String, _ path: inout Path, to destination: Place
    ) -> Bool {
        guard appliance.kind == .networkAppliance, !path.isAnswer else { return true }
        let flow = flow(from: source(of: path), to: destination)
        guard letEnter(appliance, by: entry, flow, &path) else { return false }
        let out = appliance.interfaces.first { $0.subnet == exit }
        var onward = flow
        if path.translating.contains(appliance.id) {
            onward.source = SecurityFlow.Side(
                address: out?.addresses.first ?? appliance.addresses.first ?? entry, subnet: exit)
        }
        onward.source.subnet = exit
        onward.source.interface = out?.id
        onward.source.privateEndpoint = nil
        onward.destination = SecurityFlow.Side(destination)
        guard passes(SecurityJudge(network: network).outbound(onward), &path) else {
            // It has entered: the device has seen it.
            path.appliances.append(appliance)
            path.entries.append(entry)
            return false
        }
        return true
    }

    /// At the NIC that has the address; where a load balancer's frontend has it, at those behind it.
    private func letEnter(
        _ appliance: Appliance, by entry: IPAddress, _ flow: SecurityFlow, _ path: inout Path
    ) -> Bool {
        let judge = SecurityJudge(network: network)
        func checks(_ subnet: String, _ interface: String?) -> [SecurityCheck] {
            var inward = flow
            inward.destination.subnet = subnet
            inward.destination.interface = interface
            inward.destination.privateEndpoint = nil
            return judge.inbound(inward)
        }
        let nic = appliance.interfaces.first { $0.addresses.contains(entry) }
        guard nic == nil, let balancer = network.loadBalancers[appliance.id] else {
            return passes(checks(nic?.subnet ?? appliance.subnet, nic?.id), &path)
        }
        let machines = balancer.interfaces.compactMap { network.interfaces[$0] }
        return passAny(of: machines.map { checks($0.subnet, $0.id) }, behind: balancer, &path)
    }

    /// Whichever machine gets it: denied where all deny it.
    private func passAny(
        of checks: [[SecurityCheck]], behind balancer: LoadBalancer, _ path: inout Path
    ) -> Bool {
        let passing = checks.filter { $0.denial == nil }
        guard let first = passing.first else { return passes(checks.first ?? [], &path) }
        if passing.count < checks.count, let denial = checks.lazy.compactMap(\.denial).first {
            path.doubt = path.doubt ?? "\(sentence(denial)); other machines behind \(balancer.name) let it in"
        }
        return passes(first, &path)
    }

    private func passes(_ checks: [SecurityCheck], _ path: inout Path) -> Bool {
        if let denial = checks.denial {
            finish(&path, .dropped(sentence(denial)))
            return false
        }
        for check in checks {
            switch check.verdict {
            case .notInExport:
                path.facts.append(
                    Fact(text: "\(sentence(check)): taken to allow it", confidence: .medium))
            case .unknown: path.doubt = path.doubt ?? sentence(check)
            case .allowed(_, let note): if note != nil { path.notes.append(sentence(check)) }
            case .denied: break
            }
        }
        return true
    }

    private func sentence(_ check: SecurityCheck) -> String {
        check.sentence(at: check.isAtInterface ? lastPart(check.holder) : network.subnetName(check.holder))
    }

    // MARK: Azure Firewall

    /// By the firewall's rules, where the export holds them. True where they let it pass; notes whether it translates.
    func rule(_ firewall: Appliance, _ path: inout Path, to destination: Place) -> Bool {
        guard let rules = network.firewallRules[firewall.id] else {
            believe(firewall, &path)
            return assume(firewall, &path, to: destination)
        }
        let endpoint =
            destination.endpoint.kind == .privateEndpoint ? network.privateEndpoints[destination.endpoint.id] : nil
        let names = endpoint?.publicNames ?? []
        let flow = FirewallFlow(
            source: source(of: path).address, destination: destination.address, ipProtocol: ipProtocol, port: port,
            names: names.isEmpty ? nil : names, usualPorts: usualPorts(of: destination))
        let ruling = FirewallJudge(rules: rules).judge(flow)
        guard let allows = ruling.allows else {
            // Without its rules it is taken to let pass, by a network rule.
            if rules.gap != nil { believe(firewall, &path) }
            if rules.gap == nil { path.doubt = path.doubt ?? "\(firewall.name): \(ruling)" }
            if case .notKnown(let reason) = ruling.translation { path.translationDoubt = "\(firewall.name): \(reason)" }
            return assume(firewall, &path, to: destination)
        }
        guard allows else {
            path.appliances.append(firewall)
            finish(&path, .dropped("\(firewall.name) denies it: \(ruling)"))
            return false
        }
        if let note = ruling.note {
            path.notes.append("\(firewall.name): \(note)\(untranslated(ruling, firewall, path, to: destination))")
        }
        if let issue = ruling.knownIssue {
            path.facts.append(Fact(text: "\(firewall.name): \(issue)", confidence: .medium))
        }
        switch ruling.translation {
        case .always: path.translating.insert(firewall.id)
        case .outsidePrivateRanges: _ = assume(firewall, &path, to: destination)
        case .notKnown(let reason): path.translationDoubt = "\(firewall.name): \(reason)"
        }
        path.judgedByRules.insert(firewall.id)
        return true
    }

    /// What becomes of the further ports of SQL's redirect mode where the firewall does not translate them.
    private func untranslated(
        _ ruling: FirewallRuling, _ firewall: Appliance, _ path: Path, to destination: Place
    ) -> String {
        guard ruling.noteTranslation == .outsidePrivateRanges, destination.endpoint.kind == .privateEndpoint,
            !translates(firewall, to: destination)
        else { return "" }
        switch untranslatedReply(to: path, through: firewall, endpoint: destination.endpoint.id).outcome() {
        case .works: return ""
        case .dropped(let reason): return ", but \(reason)"
        case .unknown(let reason): return ", but whether its answers come back is not known: \(reason)"
        }
    }

    private func believe(_ firewall: Appliance, _ path: inout Path) {
        path.facts.append(
            Fact(text: "not all rules of \(firewall.name) are in the export: taken to allow it", confidence: .medium))
    }

    /// By the private ranges alone, as network rules do.
    private func assume(_ device: Appliance, _ path: inout Path, to destination: Place) -> Bool {
        if translates(device, to: destination) { path.translating.insert(device.id) }
        return true
    }
}
