internal import FlowModel

/// Network security groups and the members of application security groups.
extension NetworkReader {
    /// Needs peerings, gateways and on-premises ranges.
    mutating func readSecurity(_ resources: ResourcesByType) {
        var children: [String: [Resource]] = [:]
        for resource in resources["microsoft.network/networksecuritygroups/securityrules"] {
            children[parentID(resource.id), default: []].append(resource)
        }
        for resource in resources["microsoft.network/networksecuritygroups"] {
            let children = children.removeValue(forKey: resource.id) ?? []
            readSecurityGroup(resource, children: children)
        }
        for child in children.values.joined() {
            report(child.id, "id", "its network security group is not in the export")
        }
        network.virtualNetworkTags = VirtualNetworkTags(network)
    }

    /// Rules stand inside their group and as own resources, or only as one of the two: they are one by name.
    private mutating func readSecurityGroup(
        _ resource: Resource, children: [Resource]
    ) {
        var fields: [String: Fields] = [:]
        for rule in resource.fields.list("defaultsecurityrules") + resource.fields.list("securityrules") {
            let name = rule.text("name") ?? rule.text("id").map(lastPart) ?? "rule \(fields.count + 1)"
            fields[name.lowercased()] = rule
        }
        for child in children where fields[lastPart(child.id)] == nil { fields[lastPart(child.id)] = child.fields }
        var rules = fields.sorted { $0.key < $1.key }.map { securityRule($0.value, name: $0.key, of: resource.id) }
        rules += SecurityRule.defaults.filter { fields[$0.name.lowercased()] == nil }
        network.securityGroups[resource.id] = SecurityGroup(id: resource.id, name: resource.name, rules: rules)
    }

    private mutating func securityRule(_ fields: Fields, name key: String, of group: String) -> SecurityRule {
        let name = fields.text("name").map(lastPart) ?? fields.text("id").map(lastPart) ?? key
        let source = addresses(fields, "source")
        let destination = addresses(fields, "destination")
        var rule = SecurityRule(
            name: name, priority: fields.number("priority").flatMap { Int(exactly: $0) } ?? 0,
            direction: fields.text("direction")?.lowercased() == "outbound" ? .outbound : .inbound,
            allows: fields.text("access")?.lowercased() == "allow", ipProtocol: .any, source: source,
            destination: destination, sourcePorts: .all, destinationPorts: .all)
        if let value = fields.text("protocol").flatMap({ RuleProtocol($0) }) {
            rule.ipProtocol = value
        } else {
            rule.unreadable = "protocol"
        }
        if let ports = PortRanges(texts: fields.ports("source")) {
            rule.sourcePorts = ports
        } else {
            rule.unreadable = "sourcePortRange"
        }
        if let ports = PortRanges(texts: fields.ports("destination")) {
            rule.destinationPorts = ports
        } else {
            rule.unreadable = "destinationPortRange"
        }
        if rule.priority == 0 { rule.unreadable = "priority" }
        if !["allow", "deny"].contains(fields.text("access")?.lowercased()) { rule.unreadable = "access" }
        if !["inbound", "outbound"].contains(fields.text("direction")?.lowercased()) { rule.unreadable = "direction" }
        if let field = rule.unreadable {
            report(group, "securityRules.\(name).\(field)", "cannot be read: whether the rule counts is not known")
        }
        return rule
    }

    private func addresses(_ fields: Fields, _ side: String) -> RuleAddresses {
        let groups = fields.list("\(side)applicationsecuritygroups").compactMap { $0.text("id").map(canonicalID) }
        return RuleAddresses(
            fields.texts("\(side)addressprefix") + fields.texts("\(side)addressprefixes"), groups: groups.sorted())
    }

    /// Groups stand at a NIC's configurations, or at a private endpoint; those of its NIC are the endpoint's, too.
    /// Places: a resource and its address configurations, which may name groups both.
    mutating func join(_ members: [String?], toGroupsOf places: [Fields]) {
        var groups: [String] = []
        for place in places {
            for group in place.list("applicationsecuritygroups") {
                groups += group.text("id").map { [canonicalID($0)] } ?? []
            }
        }
        guard !groups.isEmpty else { return }
        for member in members.compactMap({ $0 }) { network.applicationGroups[member, default: []].formUnion(groups) }
    }
}

extension Fields {
    /// `sourcePortRange` and `sourcePortRanges`; a port may be a number.
    fileprivate func ports(_ side: String) -> [String] {
        let single = number("\(side)portrange").flatMap { Int(exactly: $0) }.map { ["\($0)"] }
        return (single ?? texts("\(side)portrange")) + texts("\(side)portranges")
    }
}

extension SecurityRule {
    /// The six rules that every group ends in, for exports and templates that leave them out
    /// [learn: network-security-groups-overview].
    static let defaults: [SecurityRule] = [
        azure("AllowVnetInBound", 65000, .inbound, true, "VirtualNetwork", "VirtualNetwork"),
        azure("AllowAzureLoadBalancerInBound", 65001, .inbound, true, "AzureLoadBalancer", "*"),
        azure("DenyAllInBound", 65500, .inbound, false, "*", "*"),
        azure("AllowVnetOutBound", 65000, .outbound, true, "VirtualNetwork", "VirtualNetwork"),
        azure("AllowInternetOutBound", 65001, .outbound, true, "*", "Internet"),
        azure("DenyAllOutBound", 65500, .outbound, false, "*", "*"),
    ]

    private static func azure(
        _ name: String, _ priority: Int, _ direction: SecurityDirection, _ allows: Bool, _ source: String,
        _ destination: String
    ) -> SecurityRule {
        SecurityRule(
            name: name, priority: priority, direction: direction, allows: allows, ipProtocol: .any,
            source: RuleAddresses([source]), destination: RuleAddresses([destination]), sourcePorts: .all,
            destinationPorts: .all)
    }
}
