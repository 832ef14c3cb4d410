internal import FlowModel

/// Rules of Azure Firewalls: of their policies and what these inherit, or classic ones inside the firewall.
extension NetworkReader {
    /// Needs the firewalls.
    mutating func readFirewallRules(_ resources: ResourcesByType) {
        var source = FirewallRuleSource(resources)
        for resource in resources["microsoft.network/azurefirewalls"] {
            network.firewallRules[resource.id] = source.rules(ofFirewall: resource)
            if let scale = resource.fields.object("autoscaleconfiguration") {
                let bounds = instances(scale)
                network.appliances[resource.id]?.instances = bounds
            }
        }
        source.checkReferences()
        for problem in source.problems { report(problem.resource, problem.field, problem.problem) }
    }

    /// Two to fifty instances where one of the bounds is left out [learn: firewall-performance].
    private func instances(_ scale: Fields) -> ClosedRange<Int>? {
        let lower = scale.number("mincapacity").flatMap { Int(exactly: $0) }
        let upper = scale.number("maxcapacity").flatMap { Int(exactly: $0) }
        guard lower != nil || upper != nil, (lower ?? 2) <= (upper ?? 50) else { return nil }
        return (lower ?? 2)...(upper ?? 50)
    }
}

/// The policies, rule groups and IP groups of an export, and the rules that follow from them.
private struct FirewallRuleSource {
    private var policies: [String: Fields] = [:]
    /// Policy → its rule groups by id.
    private var groups: [String: [String: Resource]] = [:]
    private var addresses: [String: [String]] = [:]
    private var known: [String: FirewallRules] = [:]
    private(set) var problems: [TopologyProblem] = []

    init(_ resources: ResourcesByType) {
        for policy in resources["microsoft.network/firewallpolicies"] { policies[policy.id] = policy.fields }
        for type in ["rulecollectiongroups", "rulegroups"] {
            for group in resources["microsoft.network/firewallpolicies/\(type)"] {
                groups[parentID(group.id), default: [:]][group.id] = group
            }
        }
        for group in resources["microsoft.network/ipgroups"] { addresses[group.id] = group.fields.texts("ipaddresses") }
    }

    mutating func rules(ofFirewall resource: Resource) -> FirewallRules {
        guard let policy = resource.fields.reference("firewallpolicy") else { return classicRules(resource) }
        return rules(ofPolicy: policy, depth: 0)
    }

    // MARK: Policies

    /// A base policy's rules come first within each kind. Azure allows one level; ten end a circle.
    private mutating func rules(ofPolicy id: String, depth: Int) -> FirewallRules {
        if let rules = known[id] { return rules }
        guard let policy = policies[id], depth < 10 else {
            return FirewallRules(gap: "the firewall policy \(lastPart(id)) is not in the export")
        }
        var rules = ownRules(ofPolicy: id, policy)
        if let base = policy.reference("basepolicy") {
            rules = self.rules(ofPolicy: base, depth: depth + 1).followed(by: rules)
        }
        known[id] = rules
        return rules
    }

    private mutating func ownRules(ofPolicy id: String, _ policy: Fields) -> FirewallRules {
        var rules = FirewallRules(gap: gap(ofPolicy: id, policy))
        rules.isDNSProxy = policy.object("dnssettings")?.flag("enableproxy")
        rules.learnsPrivateRanges = policy.object("snat")?.text("autolearnprivateranges").map {
            $0.lowercased() == "enabled"
        }
        for group in (groups[id] ?? [:]).values.sorted(by: { order($0.fields, $0.id) < order($1.fields, $1.id) }) {
            var reader = FirewallRuleReader(place: group.id, prefix: "\(group.name)/", addresses: addresses)
            let collections = group.fields.list("rulecollections") + group.fields.list("rules")
            for collection in sorted(collections) { reader.readPolicyCollection(collection) }
            add(reader, to: &rules)
        }
        return rules
    }

    /// A policy names its groups; where it does not, its groups must be in the export, or nothing is known.
    private func gap(ofPolicy id: String, _ policy: Fields) -> String? {
        let here = groups[id] ?? [:]
        let keys = ["rulecollectiongroups", "rulegroups"].filter { policy.has($0) }
        if let missing = keys.flatMap({ named($0, by: policy) }).filter({ here[$0] == nil }).min() {
            return "the rule collection group \(lastPart(missing)) of policy \(lastPart(id)) is not in the export"
        }
        return keys.isEmpty && here.isEmpty
            ? "the export holds no rule collection groups of policy \(lastPart(id))" : nil
    }

    /// Policies and rule groups that a policy of the export names, and that are nowhere.
    mutating func checkReferences() {
        for (id, policy) in policies {
            if let base = policy.reference("basepolicy"), policies[base] == nil {
                report(
                    id, "basePolicy.id",
                    "is not in the export: \(base); which rules come before the policy's own is not known")
            }
            for (key, field) in [("rulecollectiongroups", "ruleCollectionGroups"), ("rulegroups", "ruleGroups")] {
                let missing = named(key, by: policy).filter { groups[id]?[$0] == nil }.sorted()
                guard let first = missing.first else { continue }
                let others = missing.count > 1 ? " and \(missing.count - 1) more" : ""
                report(
                    id, "\(field).id",
                    "is not in the export: \(first)\(others); what its rules let pass is not known. Resource Graph has no "
                        + "rules: add `az network firewall policy rule-collection-group list`")
            }
        }
    }

    private mutating func report(_ policy: String, _ field: String, _ problem: String) {
        problems.append(TopologyProblem(resource: policy, field: field, problem: problem))
    }

    private func named(_ key: String, by policy: Fields) -> [String] {
        policy.list(key).compactMap { $0.text("id").map(canonicalID) }
    }

    // MARK: Classic rules

    private mutating func classicRules(_ resource: Resource) -> FirewallRules {
        let fields = resource.fields
        let kinds = ["natrulecollections", "networkrulecollections", "applicationrulecollections"]
        guard kinds.contains(where: fields.has) else {
            return FirewallRules(gap: "the export holds neither a policy nor rules of the firewall \(resource.name)")
        }
        var rules = FirewallRules()
        rules.isDNSProxy = fields.object("additionalproperties")?.flag("network.dns.enableproxy")
        var reader = FirewallRuleReader(place: resource.id, prefix: "", addresses: addresses)
        for kind in kinds {
            for collection in sorted(fields.list(kind)) { reader.readClassicCollection(collection, kind: kind) }
        }
        add(reader, to: &rules)
        return rules
    }

    // MARK: Order

    private mutating func add(_ reader: FirewallRuleReader, to rules: inout FirewallRules) {
        rules.nat += reader.nat
        rules.network += reader.network
        rules.application += reader.application
        problems += reader.problems
    }

    private func sorted(_ collections: [Fields]) -> [Fields] {
        collections.sorted { order($0, $0.text("name") ?? "") < order($1, $1.text("name") ?? "") }
    }

    private func order(_ fields: Fields, _ name: String) -> (Double, String) {
        (fields.number("priority") ?? .infinity, name)
    }
}
