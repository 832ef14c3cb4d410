internal import FlowModel

/// Reads rule collections: of policies, of their form of 2019, and classic ones.
struct FirewallRuleReader {
    /// Id of the resource that holds them, for problems.
    let place: String
    /// What stands before `collection/rule` in a rule's name.
    let prefix: String
    /// IP group → its addresses.
    let addresses: [String: [String]]
    private(set) var nat: [FirewallNATRule] = []
    private(set) var network: [FirewallNetworkRule] = []
    private(set) var application: [FirewallApplicationRule] = []
    private(set) var problems: [TopologyProblem] = []

    init(place: String, prefix: String, addresses: [String: [String]]) {
        self.place = place
        self.prefix = prefix
        self.addresses = addresses
    }

    /// Where and how the rules of a collection stand.
    private struct Collection {
        var name: String
        var allows: Bool
        /// What its rules inherit as unreadable: an action that is none.
        var unreadable: String?
    }

    mutating func readPolicyCollection(_ fields: Fields) {
        let collection = collection(fields)
        // The form of 2019 has conditions where today's has rules.
        let single = [fields.object("rulecondition")].compactMap { $0 }
        for rule in fields.list("rules") + fields.list("ruleconditions") + single {
            let type = (rule.text("ruletype") ?? rule.text("ruleconditiontype") ?? "").lowercased()
            if type.hasPrefix("application") {
                readApplication(rule, collection)
            } else if type.hasPrefix("nat") || fields.text("ruletype")?.lowercased() == "firewallpolicynatrule" {
                readNAT(rule, collection, translation: rule.has("translatedport") ? rule : fields)
            } else {
                readNetwork(rule, collection)
            }
        }
    }

    mutating func readClassicCollection(_ fields: Fields, kind: String) {
        let collection = collection(fields)
        for rule in fields.list("rules") {
            switch kind {
            case "natrulecollections": readNAT(rule, collection, translation: rule)
            case "networkrulecollections": readNetwork(rule, collection)
            default: readApplication(rule, collection)
            }
        }
    }

    private mutating func collection(_ fields: Fields) -> Collection {
        let name = fields.text("name") ?? "collection"
        let action = (fields.object("action")?.text("type") ?? fields.text("action"))?.lowercased()
        var collection = Collection(name: name, allows: action != "deny")
        if !["allow", "deny", "dnat", "snat"].contains(action ?? "") { collection.unreadable = "action" }
        if fields.number("priority") == nil { collection.unreadable = "priority" }
        if let field = collection.unreadable { report(name, field) }
        return collection
    }

    private mutating func report(_ rule: String, _ field: String) {
        problems.append(
            TopologyProblem(
                resource: place, field: "\(rule).\(field)",
                problem: "cannot be read: whether the rule counts is not known"))
    }

    private func name(_ rule: Fields, _ collection: Collection) -> String {
        "\(prefix)\(collection.name)/\(rule.text("name") ?? "rule")"
    }

    // MARK: Kinds

    private mutating func readNAT(_ rule: Fields, _ collection: Collection, translation: Fields) {
        let name = name(rule, collection)
        var result = FirewallNATRule(
            name: name, protocols: [], source: source(rule, name), destination: destination(rule, name), ports: .all,
            unreadable: collection.unreadable)
        result.protocols = protocols(rule, result.name, &result.unreadable)
        result.ports = ports(rule, result.name, &result.unreadable)
        result.translatedAddress = translation.text("translatedaddress").flatMap { IPAddress($0) }
        result.translatedPort =
            translation.text("translatedport").flatMap { Int($0) }
            ?? translation.number("translatedport").flatMap { Int(exactly: $0) }
        nat.append(result)
    }

    private mutating func readNetwork(_ rule: Fields, _ collection: Collection) {
        let name = name(rule, collection)
        var result = FirewallNetworkRule(
            name: name, allows: collection.allows, protocols: [], source: source(rule, name),
            destination: destination(rule, name), ports: .all,
            names: rule.texts("destinationfqdns").map { FQDNPattern($0) }, unreadable: collection.unreadable)
        result.protocols = protocols(rule, result.name, &result.unreadable)
        result.ports = ports(rule, result.name, &result.unreadable)
        network.append(result)
    }

    private mutating func readApplication(_ rule: Fields, _ collection: Collection) {
        let name = name(rule, collection)
        var result = FirewallApplicationRule(
            name: name, allows: collection.allows, source: source(rule, name),
            destination: RuleAddresses(rule.texts("destinationaddresses")), ports: .all,
            names: rule.texts("targetfqdns").map { FQDNPattern($0) }, unreadable: collection.unreadable)
        let kinds = [
            ("fqdntags", "the FQDN tag"), ("webcategories", "the web category"), ("targeturls", "the URL"),
        ]
        result.opaque = kinds.lazy.compactMap { key, kind in rule.texts(key).first.map { "\(kind) \($0)" } }.first
        let ports = rule.list("protocols").compactMap { $0.number("port").flatMap { Int(exactly: $0) } }
        // Tags bring their own protocols: HTTP and HTTPS.
        let asked = ports.isEmpty ? [80, 443] : ports.filter { (0...65535).contains($0) }
        result.ports = PortRanges(asked.map { $0...$0 })
        application.append(result)
    }

    // MARK: Parts

    private mutating func source(_ rule: Fields, _ name: String) -> RuleAddresses {
        let groups = rule.texts("sourceipgroups")
        checkGroups(groups, name, "sourceIpGroups")
        return addresses(rule.texts("sourceaddresses"), groups: groups, what: "source")
    }

    private mutating func destination(_ rule: Fields, _ name: String) -> RuleAddresses {
        let texts = rule.texts("destinationaddresses")
        let groups = rule.texts("destinationipgroups")
        if texts.isEmpty, groups.isEmpty, !rule.texts("destinationfqdns").isEmpty { return .nothing }
        checkGroups(groups, name, "destinationIpGroups")
        return addresses(texts, groups: groups, what: "destination")
    }

    private mutating func checkGroups(_ groups: [String], _ rule: String, _ field: String) {
        for group in groups.map(canonicalID) where addresses[group] == nil {
            problems.append(
                TopologyProblem(
                    resource: place, field: "\(rule).\(field)",
                    problem: "is not in the export: \(group); whom the rule concerns is not known"))
        }
    }

    private func addresses(_ texts: [String], groups: [String], what: String) -> RuleAddresses {
        let members = groups.flatMap { self.addresses[canonicalID($0)] ?? [] }
        var result = texts.isEmpty && members.isEmpty ? RuleAddresses.nothing : RuleAddresses(texts + members)
        for group in groups where self.addresses[canonicalID(group)] == nil {
            result.unknowns.append("the IP group \(lastPart(group)) is not in the export")
        }
        // Azure takes no rule without addresses: then the export does not hold them.
        if texts.isEmpty, groups.isEmpty { result.unknowns.append("its \(what) is not in the export") }
        return result
    }

    private mutating func protocols(_ rule: Fields, _ name: String, _ unreadable: inout String?) -> [RuleProtocol] {
        let texts = rule.texts("ipprotocols") + rule.texts("protocols")
        let protocols = texts.compactMap { RuleProtocol($0) }
        guard protocols.isEmpty || protocols.count < texts.count else { return protocols }
        unreadable = "protocols"
        report(name, "protocols")
        return [.any]
    }

    private mutating func ports(_ rule: Fields, _ name: String, _ unreadable: inout String?) -> PortRanges {
        if let ports = PortRanges(texts: rule.texts("destinationports")) { return ports }
        unreadable = "destinationPorts"
        report(name, "destinationPorts")
        return .all
    }
}

extension RuleAddresses {
    /// Matches no address.
    static let nothing: RuleAddresses = {
        var addresses = RuleAddresses([])
        addresses.isAny = false
        return addresses
    }()
}
