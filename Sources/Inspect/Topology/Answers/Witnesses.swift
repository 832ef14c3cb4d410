internal import FlowModel

/// Which vantage points see the session, each way, and which cannot.
///
/// Both ends, the devices on either path, and the firewalls of the routing domain that it passes by.
struct Witnesses {
    let explainer: Explainer
    let works: Bool?
    /// Whether the answer reaches the client; nil = cannot tell.
    let arrives: Bool?

    private var network: Network { explainer.network }

    func all() -> [Visibility] {
        var all: [Visibility] = []
        if let client = end(explainer.from, isClient: true) { all.append(client) }
        if let server = end(explainer.asked, isClient: false) { all.append(server) }
        return all + devices()
    }

    // MARK: Ends

    private func end(_ place: Place, isClient: Bool) -> Visibility? {
        switch place.endpoint.kind {
        case .privateEndpoint:
            // No record is ever taken at a private endpoint [learn: private-endpoint-overview, limits].
            return both(place.endpoint.id, .endpointNeverLogs)
        case .nic: return flowLog(of: place.endpoint.id, in: place, isClient: isClient)
        // Some address of a known subnet: what logs the subnet would show it.
        case .subnet: return flowLog(of: place.endpoint.id, in: place, isClient: isClient)
        // An appliance's NIC logs what the appliance itself opens or gets.
        case .appliance where network.interfaces[place.endpoint.id] != nil:
            return flowLog(of: place.endpoint.id, in: place, isClient: isClient)
        default: return nil
        }
    }

    /// A flow log holds both directions of a session in one row.
    private func flowLog(of id: String, in place: Place, isClient: Bool) -> Visibility {
        if let reason = blindness(id, in: place, isClient: isClient) { return both(id, reason) }
        return isClient ? client(id) : server(id)
    }

    /// Why no flow log shows what it would have to; nil where one does.
    private func blindness(_ id: String, in place: Place, isClient: Bool) -> Visibility.Reason? {
        // Flow logs never record ICMP, ESP or AH [learn: network-watcher FAQ 2025-06].
        guard explainer.ipProtocol == IPProtocol.tcp || explainer.ipProtocol == IPProtocol.udp else {
            return .protocolNotLogged
        }
        if place.endpoint.subnet.flatMap({ network.subnets[$0]?.unloggedWorkload }) != nil { return .workloadNotLogged }
        // Nor what ExpressRoute FastPath carries past the gateway.
        let other = isClient ? explainer.to : explainer.from
        let gateway = isClient ? explainer.back.gateway ?? explainer.forward.gateway : explainer.forward.gateway
        if other.endpoint.kind == .onPremises, gateway?.hasFastPath == true { return .workloadNotLogged }
        switch network.interfaces[id] == nil
            ? network.flowLogCoverage(ofSubnet: id) : network.flowLogCoverage(ofInterface: id)
        {
        case .notCovered: return .loggingNotEnabled
        case .filtered: return .filtered
        case .workload: return .workloadNotLogged
        case .covered, .notSaid: return nil
        }
    }

    private func client(_ id: String) -> Visibility {
        Visibility(
            vantage: id, forward: true, forwardReason: .onPath, back: arrives,
            backReason: arrives.map { $0 ? .onPath : .notOnPath } ?? .pathUnknown)
    }

    private func server(_ id: String) -> Visibility {
        var isReached: Bool?
        switch explainer.forward.end {
        case .unknown: isReached = nil
        case .host(.nic(id)), .host(.appliance(id)), .unclaimed: isReached = true
        // The log shows the denied opening, and no answer.
        case .dropped where explainer.forward.isDeniedAtHost:
            return Visibility(vantage: id, forward: true, forwardReason: .onPath, back: false, backReason: .notOnPath)
        default: isReached = false
        }
        let reason: Visibility.Reason = isReached.map { $0 ? .onPath : .notOnPath } ?? .pathUnknown
        return Visibility(vantage: id, forward: isReached, forwardReason: reason, back: isReached, backReason: reason)
    }

    private func both(_ id: String, _ reason: Visibility.Reason) -> Visibility {
        Visibility(vantage: id, forward: nil, forwardReason: reason, back: nil, backReason: reason)
    }

    // MARK: Devices

    private func devices() -> [Visibility] {
        let domain = Int(explainer.builder.domain)
        guard domain >= 0, domain < network.tables.domainDevices.count else { return [] }
        let ends = [explainer.from, explainer.asked].map(\.endpoint.id).filter { network.interfaces[$0] != nil }
        return network.tables.domainDevices[domain].filter { !ends.contains($0.id) }.map(device)
    }

    /// Azure Firewall logs the opening direction, and the return only with flow trace.
    private func device(_ device: Appliance) -> Visibility {
        // As client or server it is an end itself.
        let isClient = explainer.from.endpoint.id == device.id
        let isForward = isClient ? true : isOn(explainer.forward, device)
        // Where the answer is dropped, nobody further on sees it.
        let isBack = isClient ? arrives : isOn(explainer.back, device) ?? (works == false ? false : nil)
        return Visibility(
            vantage: device.id, forward: isForward,
            forwardReason: isForward.map { $0 ? .onPath : .notOnPath } ?? .pathUnknown,
            back: isBack == true ? nil : isBack,
            backReason: isBack.map { $0 ? .directionNotLogged : .notOnPath } ?? .pathUnknown)
    }

    private func isOn(_ path: Path, _ device: Appliance) -> Bool? {
        if path.appliances.contains(where: { $0.id == device.id }) { return true }
        // A session with the device itself, such as a query to its DNS proxy.
        if case .host(.appliance(device.id)) = path.end { return true }
        if case .unknown = path.end { return nil }
        return false
    }
}

extension Network {
    /// Whether a flow log shows what a NIC sends and receives.
    func flowLogCoverage(ofInterface id: String) -> FlowLogCoverage {
        guard tellsFlowLogs else { return .notSaid }
        guard let nic = interfaces[id] else { return .notCovered }
        var targets: Set<String> = [id]
        if let group = nic.securityGroup { targets.insert(group) }
        return coverage(targets.union(flowLogTargets(ofSubnet: nic.subnet)))
    }

    func flowLogCoverage(ofSubnet id: String) -> FlowLogCoverage {
        guard tellsFlowLogs else { return .notSaid }
        let found = coverage(flowLogTargets(ofSubnet: id))
        guard found == .covered, let subnet = subnets[id], subnet.holdsApplicationGateway,
            coverage([id, subnet.vnet]) != .covered
        else { return found }
        return .workload
    }

    /// Ids at which a flow log would cover the whole subnet.
    private func flowLogTargets(ofSubnet id: String) -> Set<String> {
        guard let subnet = subnets[id] else { return [id] }
        return Set([id, subnet.vnet] + (subnet.securityGroup.map { [$0] } ?? []))
    }

    private func coverage(_ targets: Set<String>) -> FlowLogCoverage {
        let logs = targets.flatMap { tables.flowLogs[$0] ?? [] }.filter(\.isEnabled)
        if logs.isEmpty { return .notCovered }
        return logs.allSatisfy(\.isFiltered) ? .filtered : .covered
    }
}
