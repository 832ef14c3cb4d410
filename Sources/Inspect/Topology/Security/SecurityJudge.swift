internal import FlowModel

/// Says what the network security groups on the way of a flow do with its opening.
///
/// Outbound at the sender the NIC's group is asked first, then the subnet's; inbound at the receiver the subnet's, then
/// the NIC's. All of them must allow; traffic inside one subnet passes them, too
/// [learn: network-security-group-how-it-works].
struct SecurityJudge {
    let network: Network

    func judge(_ flow: SecurityFlow) -> [SecurityCheck] { outbound(flow) + inbound(flow) }

    func outbound(_ flow: SecurityFlow) -> [SecurityCheck] {
        // A private endpoint opens nothing, and outbound rules do not count for its answers.
        guard endpoint(of: flow.source) == nil else { return [] }
        return groups(of: flow.source).map { check(flow, .outbound, $0) }
    }

    func inbound(_ flow: SecurityFlow) -> [SecurityCheck] {
        let checks = groups(of: flow.destination).reversed().map { check(flow, .inbound, $0) }
        guard endpoint(of: flow.destination) != nil, let subnet = flow.destination.subnet else { return checks }
        // [learn: disable-private-endpoint-network-policy]
        switch network.subnets[subnet]?.endpointsObeySecurityGroups {
        case true?: return checks
        case false?: return []
        case nil: return checks.map(inDoubtOfPolicy)
        }
    }

    /// Which group it would be decides nothing where it allows, or where the policy is off, its default.
    private func inDoubtOfPolicy(_ check: SecurityCheck) -> SecurityCheck {
        guard case .denied(let rule) = check.verdict else { return check }
        var check = check
        check.verdict = .unknown(
            reason: "rule \(rule) denies it only where privateEndpointNetworkPolicies of the subnet is Enabled or "
                + "NetworkSecurityGroupEnabled, and the export does not say so")
        return check
    }

    // MARK: Which groups

    private struct Attachment {
        var group: String
        var holder: String
        var isAtInterface: Bool
        var subnet: String
    }

    /// The NIC's group, then its subnet's. Subnets of platform devices take no group that counts for the device
    /// [learn: firewall-faq; vpn-gateway-about-vpn-gateway-settings].
    private func groups(of side: SecurityFlow.Side) -> [Attachment] {
        guard let id = side.subnet ?? side.interface.flatMap({ network.interfaces[$0]?.subnet }),
            let subnet = network.subnets[id], !subnet.takesNoSecurityGroup
        else { return [] }
        var result: [Attachment] = []
        if let nic = side.interface, let group = network.interfaces[nic]?.securityGroup {
            result.append(Attachment(group: group, holder: nic, isAtInterface: true, subnet: id))
        }
        if let group = subnet.securityGroup {
            result.append(Attachment(group: group, holder: id, isAtInterface: false, subnet: id))
        }
        return result
    }

    /// The private endpoint at this side.
    func endpoint(of side: SecurityFlow.Side) -> String? {
        side.privateEndpoint ?? side.interface.flatMap { network.interfaces[$0]?.privateEndpoint }
    }

    // MARK: What they say

    private func check(_ flow: SecurityFlow, _ direction: SecurityDirection, _ place: Attachment) -> SecurityCheck {
        let group = network.securityGroups[place.group]
        let verdict: SecurityVerdict =
            if let group { verdict(of: group, flow, direction, subnet: place.subnet) } else { .notInExport }
        return SecurityCheck(
            direction: direction, group: place.group, groupName: group?.name ?? lastPart(place.group),
            holder: place.holder, isAtInterface: place.isAtInterface, verdict: verdict)
    }

    private func verdict(
        of group: SecurityGroup, _ flow: SecurityFlow, _ direction: SecurityDirection, subnet: String
    ) -> SecurityVerdict {
        var tally = SecurityTally(ports: flow.ports)
        let isPlatform = isPlatform(flow.destination.address)
        for rule in group.rules(direction) where rule.ipProtocol.matches(flow.ipProtocol) {
            if flow.hasPorts, !rule.destinationPorts.overlaps(tally.open) { continue }
            let match = match(rule, flow, subnet: subnet, isPlatform: isPlatform)
            if case .no = match { continue }
            let ports = flow.hasPorts ? tally.open.intersection(rule.destinationPorts) : tally.open
            switch match {
            case .maybe(let reason): tally.doubt(rule, ports, reason)
            default: tally.decide(rule, ports)
            }
            if tally.open.isEmpty { break }
        }
        if isPlatform, !tally.open.isEmpty {
            return .allowed(rule: "platform service", note: nil)
        }
        return tally.verdict()
    }

    private func match(_ rule: SecurityRule, _ flow: SecurityFlow, subnet: String, isPlatform: Bool) -> RuleMatch {
        let addresses = match(rule.source, flow.source, subnet: subnet)
            .and(match(rule.destination, flow.destination, subnet: subnet))
        if case .no = addresses { return .no }
        if let text = rule.unreadable { return .maybe("\(text) cannot be read") }
        // The host's own services are reached whatever a group says, but for rules with their own tags
        // [learn: network-security-groups-overview, platform considerations].
        if isPlatform, !rule.destination.namesPlatform { return .no }
        if flow.hasPorts {
            return addresses.and(
                rule.sourcePorts.isAll
                    ? .yes
                    : .maybe("it counts only for source ports \(rule.sourcePorts), which the question does not name"))
        }
        return addresses.and(
            rule.destinationPorts.isAll
                ? .yes : .maybe("no source says whether a rule for ports \(rule.destinationPorts) counts without ports")
        )
    }

    private func isPlatform(_ address: IPAddress) -> Bool {
        address == ServiceTag.host || address == ServiceTag.metadata
    }
}

extension Subnet {
    /// No group is supported there, or none counts for what the platform runs there.
    var takesNoSecurityGroup: Bool {
        [
            "gatewaysubnet", "azurefirewallsubnet", "azurefirewallmanagementsubnet", "routeserversubnet",
            "virtualnetworkappliancesubnet",
        ].contains(name.lowercased())
    }
}

extension RuleAddresses {
    var namesPlatform: Bool { tags.contains { if case .platform = $0 { true } else { false } } }
}
