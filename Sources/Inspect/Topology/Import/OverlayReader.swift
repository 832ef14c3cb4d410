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
        for (entry, path) in list("on_premises", of: fields) { readRange(entry, at: path) }
        for (entry, path) in list("appliances", of: fields) { readDevice(entry, at: path) }
        for (entry, path) in list("firewalls", of: fields) { readFirewall(entry, at: path) }
        for (entry, path) in list("inspect", of: fields) { readInspect(entry, at: path) }
        for (key, value) in (object("names", of: fields, at: "")?.value.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let address = IPAddress(key), let name = value.string {
                overlay.names[address] = name
            } else {
                report("names.\(key)", "is no address with a name")
            }
        }
        if let semantics = object("semantics", of: fields, at: "") { readSemantics(semantics) }
    }

    private mutating func readRange(_ entry: Fields, at path: String) {
        checkKeys(entry, at: path + ".", known: ["name", "prefixes", "via"])
        let prefixes = readPrefixes(texts("prefixes", of: entry, at: path), at: path + ".prefixes")
        if prefixes.isEmpty { report(path + ".prefixes", "names no range") }
        overlay.onPremises.append(
            Overlay.Range(
                place: place(path), name: text("name", of: entry, at: path) ?? "on-premises", prefixes: prefixes,
                via: text("via", of: entry, at: path)))
    }

    private mutating func readDevice(_ entry: Fields, at path: String) {
        checkKeys(
            entry, at: path + ".",
            known: ["name", "interfaces", "load_balancer", "inspects", "snat", "capacity_mbps"])
        let interfaces = texts("interfaces", of: entry, at: path).map(canonicalID)
        let balancer = entry.reference("load_balancer")
        if balancer == nil, entry.has("load_balancer") { report(path + ".load_balancer", "is no id") }
        if interfaces.isEmpty, balancer == nil {
            report(path + ".interfaces", "names no NIC, address or load balancer")
        }
        if entry.has("inspects"), entry.flag("inspects") == nil {
            report(path + ".inspects", "is not true or false: taken as true")
        }
        overlay.appliances.append(
            Overlay.Device(
                place: place(path), name: text("name", of: entry, at: path) ?? "appliance", interfaces: interfaces,
                loadBalancer: balancer, inspects: entry.flag("inspects") ?? true,
                translation: readTranslation(entry, at: path), capacityMbps: readCapacity(entry, at: path)))
    }

    private mutating func readTranslation(_ entry: Fields, at path: String) -> Appliance.Translation? {
        guard let value = entry.raw("snat"), value.string != "" else { return .never }
        switch text("snat", of: entry, at: path) {
        case "never"?: return .never
        case "always"?: return .always
        case "private_endpoints"?: return .privateEndpoints
        case nil: return nil
        case let other?:
            report(
                path + ".snat",
                "is \(other); it is one of never, always, private_endpoints. Never is assumed, with low confidence")
            return nil
        }
    }

    private mutating func readFirewall(_ entry: Fields, at path: String) {
        checkKeys(entry, at: path + ".", known: ["id", "capacity_mbps", "snat_ports"])
        // Nothing rests on them yet: they are checked, so that what is written today can be read one day.
        if entry.has("snat_ports"), entry.number("snat_ports").flatMap({ Int(exactly: $0) }).map({ $0 > 0 }) != true {
            report(path + ".snat_ports", "is no whole number above 0")
        }
        let capacity = readCapacity(entry, at: path)
        guard let id = text("id", of: entry, at: path) else {
            let isTold = entry.raw("id").map { $0.string == nil } ?? false
            if !isTold { report(path + ".id", "is missing: a firewall's id or name") }
            return
        }
        overlay.firewalls.append(Overlay.FirewallFacts(place: place(path), id: canonicalID(id), capacityMbps: capacity))
    }

    private mutating func readInspect(_ entry: Fields, at path: String) {
        checkKeys(entry, at: path + ".", known: ["private_endpoints", "from", "by"])
        let rule = Overlay.InspectRule(
            place: place(path),
            privateEndpoints: texts("private_endpoints", of: entry, at: path).map(canonicalID),
            from: texts("from", of: entry, at: path).map(canonicalID),
            by: texts("by", of: entry, at: path).map(canonicalID))
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
        readProtocols(entry)
    }

    private mutating func readProtocols(_ entry: Fields) {
        guard let protocols = object("private_endpoint_route_protocols", of: entry, at: "semantics") else { return }
        let path = "semantics.private_endpoint_route_protocols"
        let kinds = [PrivateEndpoint.TargetKind.platform, .privateLinkService]
        checkKeys(protocols, at: path + ".", known: Set(kinds.map(\.rawValue)))
        for kind in kinds where protocols.has(kind.rawValue) {
            let before = problems.count
            let words = texts(kind.rawValue, of: protocols, at: path).map { $0.lowercased() }
            let known = Set(words).intersection(OverlayReader.protocols)
            for word in words where !known.contains(word) {
                report(
                    "\(path).\(kind.rawValue)", "\(word) is none of \(OverlayReader.protocols.joined(separator: ", "))")
            }
            // What cannot be read leaves the default alone; an empty list is a setting.
            if !known.isEmpty || problems.count == before {
                overlay.semantics.privateEndpointRouteProtocols[kind] = known
            }
        }
    }

    private static let protocols = ["tcp", "udp", "icmp"]

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

    // MARK: Values of the wrong kind

    /// The objects of a list, each with its place.
    private mutating func list(_ key: String, of fields: Fields) -> [(entry: Fields, path: String)] {
        guard let value = fields.raw(key) else { return [] }
        guard let elements = value.array else {
            report(key, "is no list, [ … ]: not used")
            return []
        }
        var entries: [(Fields, String)] = []
        for (index, element) in elements.enumerated() {
            if element.object == nil {
                report("\(key)[\(index)]", "is no object, { … }: not used")
            } else {
                entries.append((Fields(element), "\(key)[\(index)]"))
            }
        }
        return entries
    }

    private mutating func object(_ key: String, of fields: Fields, at path: String) -> Fields? {
        guard let value = fields.raw(key) else { return nil }
        guard value.object != nil else {
            report(path.isEmpty ? key : "\(path).\(key)", "is no object, { … }: not used")
            return nil
        }
        return Fields(value)
    }

    private mutating func text(_ key: String, of fields: Fields, at path: String) -> String? {
        guard let value = fields.raw(key) else { return nil }
        guard let text = value.string else {
            report("\(path).\(key)", "is no text")
            return nil
        }
        return text.isEmpty ? nil : text
    }

    /// The texts of a list; one text alone counts as a list of one.
    private mutating func texts(_ key: String, of fields: Fields, at path: String) -> [String] {
        guard let value = fields.raw(key) else { return [] }
        guard let elements = value.string.map({ [.string($0)] }) ?? value.array else {
            report("\(path).\(key)", "is no list of texts")
            return []
        }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.string, !text.isEmpty else {
                report("\(path).\(key)[\(index)]", "is no text")
                continue
            }
            texts.append(text)
        }
        return texts
    }

    private mutating func checkKeys(_ fields: Fields, at path: String, known: Set<String>) {
        for key in (fields.value.object ?? [:]).keys.sorted() where !known.contains(key) {
            report(path + key, "is no key of an overlay")
        }
    }

    private func place(_ path: String) -> Overlay.Place { Overlay.Place(document: document, path: path) }

    private mutating func report(_ field: String, _ problem: String) {
        problems.append(TopologyProblem(resource: document, field: field, problem: problem))
    }
}
