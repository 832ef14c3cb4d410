internal import FlowModel

/// What leaves the network for the Internet.
extension PathBuilder {
    /// The Internet leads to public addresses, and not to those that a network has inside.
    func leaveForInternet(_ path: inout Path, to destination: Place) {
        let address = destination.address
        guard !address.isPrivate else {
            return finish(&path, .dropped("\(address) is private and its route leads to the Internet"))
        }
        switch destination.endpoint.kind {
        case .public: break
        case .onPremises, .unknown:
            return path.end = .unknown(
                "\(address) is a public address of \(destination.endpoint.name): whether its route to the Internet leads "
                    + "there is in no export")
        default:
            return finish(
                &path,
                .dropped(
                    "\(address) is public and inside \(destination.endpoint.name): its route leads to the Internet, not there"
                ))
        }
        if let gateway = path.gateway, path.appliances.isEmpty {
            return path.end = .unknown(
                "what \(gateway.name) does with \(address), on-premises or nowhere, is in no export")
        }
        if let range = EffectiveRoutes.furtherReserved.first(where: { $0.contains(address) }) {
            return path.end = .unknown("\(range) may have a route of the platform to None: in no export")
        }
        if let end = withoutWayOut(path) { return finish(&path, end) }
        if let last = path.appliances.last, last.kind == .networkAppliance || !path.translating.contains(last.id) {
            path.facts.append(
                Fact(text: "who translates behind \(last.name) towards the Internet is in no export", confidence: .low))
        }
        finish(
            &path, .internet, hop: Hop(kind: .internet, id: nil, name: "Internet", address: address.description))
    }

    /// Where default outbound access is off, a machine needs a public address, a NAT gateway or a load balancer's outbound
    /// rule [learn: default-outbound-access]; behind an internal load balancer it has none by default, whatever the subnet
    /// says [learn: load-balancer-outbound-connections]. Nil where it has a way, or may.
    private func withoutWayOut(_ path: Path) -> Path.End? {
        let source = path.source.endpoint
        guard source.kind == .nic, path.appliances.isEmpty, path.gateway == nil, !path.isAnswer,
            let subnet = source.subnet.flatMap({ network.subnets[$0] }), !subnet.hasNATGateway,
            let nic = network.interfaces[source.id], !nic.hasPublicAddress
        else { return nil }
        let isBalanced = network.balancedInterfaces.contains(nic.id)
        if subnet.hasDefaultOutbound != false {
            guard isBalanced, !network.publicInterfaces.contains(nic.id) else { return nil }
            return .unknown("\(nic.name) is behind an internal load balancer, which takes default outbound access away")
        }
        let place = network.subnetName(subnet.id)
        if isBalanced {
            return .unknown(
                "\(place) has no default outbound access: whether a load balancer lets \(nic.name) out is not read")
        }
        if let service = subnet.serviceEndpoints.first {
            return .unknown(
                "\(place) has no default outbound access: whether service endpoint \(service) leads there is in no export"
            )
        }
        return .dropped("\(place) has no default outbound access, and \(nic.name) no public address or NAT gateway")
    }
}
