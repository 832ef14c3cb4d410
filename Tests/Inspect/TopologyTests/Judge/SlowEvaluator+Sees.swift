/// Who sees the session, and why a log cannot: "Limits of sight" and `sees` of `explain --json`.
extension SlowEvaluator {
    private static let anything: Set<String> = [
        "true on_path", "false not_on_path", "nil path_unknown", "nil protocol_not_logged", "nil direction_not_logged",
        "nil workload_not_logged", "nil logging_not_enabled", "nil filtered",
    ]

    func sees(_ pair: SlowPair, _ forward: Forward, _ end: End, _ back: Back) -> [String: SlowOutcome.Sight] {
        var all: [String: SlowOutcome.Sight] = [:]
        if case .interface(let name) = pair.client {
            let id = TestNetwork.network("networkInterfaces", name).lowercased()
            all[id] = sight(name, forward: ["true on_path"], back: arrival(back))
        }
        if case .interface(let name) = pair.destination {
            let id = TestNetwork.network("networkInterfaces", name).lowercased()
            all[id] = sight(name, forward: serverSees(end), back: serverSees(end))
        }
        if case .privateEndpoint(let name) = pair.destination {
            // "NSG and VNet flow logs have no records taken at a private endpoint".
            let never: Set<String> = ["nil endpoint_never_logs"]
            all[TestNetwork.network("privateEndpoints", name).lowercased()] = .init(forward: never, back: never)
        }
        for firewall in world.firewalls {
            let id = TestNetwork.network("azureFirewalls", firewall.name).lowercased()
            all[id] = firewallSees(.firewall(firewall.name), forward, end, back)
        }
        return all
    }

    private func arrival(_ back: Back) -> Set<String> {
        switch back.reachesClient {
        case .yes: ["true on_path"]
        case .no: ["false not_on_path"]
        case .unknown: back.isOpen || back.works.count > 1 ? Self.anything : ["nil path_unknown"]
        }
    }

    private func serverSees(_ end: End) -> Set<String> {
        switch end {
        case .reached: ["true on_path"]
        case .dropped(let why): isSure(why) ? ["false not_on_path"] : Self.anything
        case .open: Self.anything
        }
    }

    /// "Azure Firewall the opening direction, and the return only with flow trace."
    private func firewallSees(_ device: Device, _ forward: Forward, _ end: End, _ back: Back) -> SlowOutcome.Sight {
        let isThere = forward.devices.contains(device)
        var there: Set<String> = isThere ? ["true on_path"] : ["false not_on_path"]
        if case .open = end, !isThere { there = Self.anything }
        if case .dropped(let why) = end, !isSure(why), !isThere { there = Self.anything }
        var return_: Set<String> = ["nil direction_not_logged"]
        if !back.crossed.contains(device) { return_.insert("false not_on_path") }
        if back.isOpen || back.reachesClient == .unknown || end != .reached { return_ = Self.anything }
        return .init(forward: there, back: return_)
    }

    private func sight(_ interface: String, forward: Set<String>, back: Set<String>) -> SlowOutcome.Sight {
        let silent = silence(interface)
        guard !silent.isEmpty else { return .init(forward: forward, back: back) }
        // An appliance that ends a session may show it in a log of its own.
        if world.appliances.contains(where: { $0.interface == interface }) {
            return .init(forward: forward.union(silent), back: back.union(silent))
        }
        func allowed(_ path: Set<String>) -> Set<String> {
            silent.union(path.subtracting(["true on_path"]))
        }
        return .init(forward: allowed(forward), back: allowed(back))
    }

    /// Why the NIC's flow log cannot show the session, all reasons that hold.
    private func silence(_ name: String) -> Set<String> {
        guard let interface = world.interfaces.first(where: { $0.name == name }) else { return [] }
        var reasons: Set<String> = []
        // "Flow logs never record ICMP".
        if ipProtocol == "icmp" { reasons.insert("nil protocol_not_logged") }
        // "Not seen by flow logs either: App Service with VNet integration, …, Container Instances and Apps, …".
        if world.subnet(interface.vnet, interface.subnet)?.delegation != nil {
            reasons.insert("nil workload_not_logged")
        }
        // "An export without any flow-log resource says nothing about logging".
        guard !world.flowLogs.isEmpty else { return reasons }
        let covering = world.flowLogs.filter { $0.isEnabled && covers($0.target, interface) }
        if covering.isEmpty { reasons.insert("nil logging_not_enabled") }
        if !covering.isEmpty, covering.allSatisfy(\.isFiltered) { reasons.insert("nil filtered") }
        return reasons
    }

    private func covers(_ target: SlowWorld.FlowLog.Target, _ interface: SlowWorld.Interface) -> Bool {
        switch target {
        case .vnet(let name): interface.vnet == name
        case .subnet(let vnet, let name): interface.vnet == vnet && interface.subnet == name
        case .interface(let name): interface.name == name
        case .securityGroup(let name):
            interface.securityGroup == name
                || world.subnet(interface.vnet, interface.subnet)?.securityGroup == name
        }
    }
}
