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
        if let server = end(explainer.to, isClient: false) { all.append(server) }
        return all + devices()
    }

    // MARK: Ends

    private func end(_ place: Place, isClient: Bool) -> Visibility? {
        switch place.endpoint.kind {
        case .privateEndpoint:
            // No record is ever taken at a private endpoint [learn: private-endpoint-overview, limits].
            return both(place.endpoint.id, .endpointNeverLogs)
        case .nic: return flowLog(of: place, isClient: isClient)
        default: return nil
        }
    }

    /// A NIC's flow log holds both directions of a session in one row.
    private func flowLog(of place: Place, isClient: Bool) -> Visibility {
        let id = place.endpoint.id
        // Flow logs never record ICMP, ESP or AH [learn: network-watcher FAQ 2025-06].
        guard explainer.ipProtocol == IPProtocol.tcp || explainer.ipProtocol == IPProtocol.udp else {
            return both(id, .protocolNotLogged)
        }
        if place.endpoint.subnet.flatMap({ network.subnets[$0]?.unloggedWorkload }) != nil {
            return both(id, .workloadNotLogged)
        }
        switch network.flowLogCoverage(ofInterface: id) {
        case .notCovered: return both(id, .loggingNotEnabled)
        case .filtered: return both(id, .filtered)
        case .covered, .notSaid: break
        }
        return isClient ? client(id) : server(id)
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
        case .host(.nic(id)), .host(.appliance(id)): isReached = true
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
        return network.tables.domainDevices[domain].map(device)
    }

    /// Azure Firewall logs the opening direction, and the return only with flow trace.
    private func device(_ device: Appliance) -> Visibility {
        let isForward = isOn(explainer.forward, device)
        let isBack = isOn(explainer.back, device)
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
        tellsFlowLogs ? coverage(flowLogTargets(ofSubnet: id)) : .notSaid
    }

    /// Ids at which a flow log would cover the whole subnet.
    private func flowLogTargets(ofSubnet id: String) -> Set<String> {
        guard let subnet = subnets[id] else { return [id] }
        return Set([id, subnet.vnet] + (subnet.securityGroup.map { [$0] } ?? []))
    }

    private func coverage(_ targets: Set<String>) -> FlowLogCoverage {
        let logs = flowLogs.filter { $0.isEnabled && targets.contains($0.target) }
        if logs.isEmpty { return .notCovered }
        return logs.allSatisfy(\.isFiltered) ? .filtered : .covered
    }
}
