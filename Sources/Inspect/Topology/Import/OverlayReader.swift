internal import FlowModel

/// Reads overlay files. What it does not know or cannot read is a problem with the key's path; the rest is used.
struct OverlayReader {
    private(set) var overlay = Overlay()
    private(set) var problems: [TopologyProblem] = []
    private var document = ""

    mutating func read(_ fields: Fields, of document: String) {
        self.document = document
        checkKeys(
            fields, at: "",
            known: ["flowsight_overlay", "on_premises", "appliances", "firewalls", "inspect", "names", "semantics"])
        for (index, entry) in fields.list("on_premises").enumerated() { readRange(entry, at: "on_premises[\(index)]") }
        for (index, entry) in fields.list("appliances").enumerated() { readDevice(entry, at: "appliances[\(index)]") }
        for (index, entry) in fields.list("firewalls").enumerated() { readFirewall(entry, at: "firewalls[\(index)]") }
        for (index, entry) in fields.list("inspect").enumerated() { readInspect(entry, at: "inspect[\(index)]") }
        for (key, value) in (fields.object("names")?.value.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let address = IPAddress(key), let name = value.string {
                overlay.names[address] = name
            } else {
                report("names.\(key)", "is no address with a name")
            }
        }
        if let semantics = fields.object("semantics") { readSemantics(semantics) }
    }

    private mutating func readRange(_ entry: Fields, at path: String) {
        checkKeys(entry, at: path + ".", known: ["name", "prefixes", "via"])
        let prefixes = readPrefixes(entry.texts("prefixes"), at: path + ".prefixes")
        if prefixes.isEmpty { report(path + ".prefixes", "names no range") }
        overlay.onPremises.append(
            Overlay.Range(name: entry.text("name") ?? "on-premises", prefixes: prefixes, via: entry.text("via")))
    }

    private mutating func readDevice(_ entry: Fields, at path: String) {
        checkKeys(
            entry, at: path + ".",
            known: ["name", "interfaces", "load_balancer", "inspects", "snat", "capacity_mbps"])
        var translation = Appliance.Translation.never
        switch entry.text("snat") {
        case nil, "never"?: break
        case "always"?: translation = .always
        case "private_endpoints"?: translation = .privateEndpoints
        case let other?: report(path + ".snat", "is \(other); it is one of never, always, private_endpoints")
        }
        let interfaces = entry.texts("interfaces").map(canonicalID)
        let balancer = entry.reference("load_balancer")
        if interfaces.isEmpty, balancer == nil {
            report(path + ".interfaces", "names no NIC, address or load balancer")
        }
        overlay.appliances.append(
            Overlay.Device(
                name: entry.text("name") ?? "appliance", interfaces: interfaces, loadBalancer: balancer,
                inspects: entry.flag("inspects") ?? true, translation: translation,
                capacityMbps: readCapacity(entry, at: path)))
    }

    private mutating func readFirewall(_ entry: Fields, at path: String) {
        checkKeys(entry, at: path + ".", known: ["id", "capacity_mbps", "snat_ports"])
        guard let id = entry.text("id") else { return report(path + ".id", "is missing: a firewall's id or name") }
        overlay.firewalls.append(
            Overlay.FirewallFacts(
                id: canonicalID(id), capacityMbps: readCapacity(entry, at: path),
                ports: entry.number("snat_ports").flatMap { Int(exactly: $0) }))
    }

    private mutating func readInspect(_ entry: Fields, at path: String) {
        checkKeys(entry, at: path + ".", known: ["private_endpoints", "from", "by"])
        let rule = Overlay.InspectRule(
            privateEndpoints: entry.texts("private_endpoints").map(canonicalID),
            from: entry.texts("from").map(canonicalID), by: entry.texts("by").map(canonicalID))
        if rule.privateEndpoints.isEmpty { report(path + ".private_endpoints", "names none; * stands for all") }
        if rule.from.isEmpty { report(path + ".from", "names no client; * stands for all") }
        overlay.inspect.append(rule)
    }

    private mutating func readSemantics(_ entry: Fields) {
        checkKeys(
            entry, at: "semantics.",
            known: [
                "route_limit_per_table", "private_endpoint_route_protocols", "gateway_subnet_obeys_summarisation",
                "summarisation_range", "invalid_route_protocols", "bgp_override_wins",
                "subnet_peering_spreads_endpoint_routes", "disable_peering_route_removes_endpoint_routes",
                "connected_group_spreads_endpoint_routes", "expressroute_same_vnet_reply", "gateway_hub_spoke_reply",
                "reply_follows_mapping",
            ])
        readTruth(entry, "gateway_subnet_obeys_summarisation", \.gatewaySubnetObeysSummarisation)
        readTruth(entry, "bgp_override_wins", \.bgpOverrideWins)
        readTruth(entry, "subnet_peering_spreads_endpoint_routes", \.subnetPeeringSpreadsEndpointRoutes)
        readTruth(entry, "disable_peering_route_removes_endpoint_routes", \.disablePeeringRouteRemovesEndpointRoutes)
        readTruth(entry, "connected_group_spreads_endpoint_routes", \.connectedGroupSpreadsEndpointRoutes)
        readTruth(entry, "expressroute_same_vnet_reply", \.expressRouteSameVNetReply)
        readTruth(entry, "gateway_hub_spoke_reply", \.gatewayHubSpokeReply)
        readTruth(entry, "reply_follows_mapping", \.replyFollowsMapping)
        readWord(entry, "summarisation_range", ["containing", "any"], \.summarisationRange)
        readWord(entry, "invalid_route_protocols", ["all", "tcp"], \.invalidRouteProtocols)
        if let limit = entry.number("route_limit_per_table").flatMap({ Int(exactly: $0) }), limit > 0 {
            overlay.semantics.routeLimitPerTable = limit
        } else if entry.has("route_limit_per_table") {
            report("semantics.route_limit_per_table", "is no whole number above 0")
        }
        guard let protocols = entry.object("private_endpoint_route_protocols") else { return }
        for kind in [PrivateEndpoint.TargetKind.platform, .privateLinkService] {
            guard protocols.has(kind.rawValue) else { continue }
            overlay.semantics.privateEndpointRouteProtocols[kind] = Set(
                protocols.texts(kind.rawValue).map { $0.lowercased() })
        }
    }

    private mutating func readTruth(_ entry: Fields, _ key: String, _ path: WritableKeyPath<Semantics, Bool?>) {
        // `null` is a setting here, "cannot tell": the raw member tells it from an absent key.
        guard let value = entry.value[key] else { return }
        guard value.isNull || value.bool != nil else { return report("semantics.\(key)", "is not true, false or null") }
        overlay.semantics[keyPath: path] = value.bool
    }

    private mutating func readWord(
        _ entry: Fields, _ key: String, _ words: [String], _ path: WritableKeyPath<Semantics, String>
    ) {
        guard entry.has(key) else { return }
        guard let word = entry.text(key), words.contains(word) else {
            return report("semantics.\(key)", "is none of \(words.joined(separator: ", "))")
        }
        overlay.semantics[keyPath: path] = word
    }

    private mutating func readCapacity(_ entry: Fields, at path: String) -> Double? {
        guard entry.has("capacity_mbps") else { return nil }
        guard let capacity = entry.number("capacity_mbps"), capacity > 0 else {
            report(path + ".capacity_mbps", "is no number above 0")
            return nil
        }
        return capacity
    }

    private mutating func readPrefixes(_ texts: [String], at path: String) -> [IPPrefix] {
        texts.compactMap { text in
            if let prefix = IPPrefix(text) { return prefix }
            report(path, "\(text) is no prefix")
            return nil
        }
    }

    private mutating func checkKeys(_ fields: Fields, at path: String, known: Set<String>) {
        for key in (fields.value.object ?? [:]).keys.sorted() where !known.contains(key) {
            report(path + key, "is no key of an overlay")
        }
    }

    private mutating func report(_ field: String, _ problem: String) {
        problems.append(TopologyProblem(resource: document, field: field, problem: problem))
    }
}
