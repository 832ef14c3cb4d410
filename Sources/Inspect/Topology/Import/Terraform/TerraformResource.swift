internal import FlowModel

/// An Azure resource, or a part of it, as one instance of a state tells it.
struct TerraformResource {
    var id: String
    var type: String
    var name: String
    var tags: [String: String] = [:]
    var sku: JSONValue?
    var properties: [String: JSONValue?]
    /// False for what another resource adds to this one: an association, a rule of a load balancer.
    var isWhole = true

    /// The whole resource that the attributes describe.
    init(_ type: String, _ attributes: TerraformAttributes, sku: JSONValue? = nil, _ properties: [String: JSONValue?]) {
        let id = attributes.string("id") ?? ""
        self.init(
            id: id, type: type, name: attributes.string("name") ?? lastPart(id), tags: attributes.map("tags"), sku: sku,
            properties: properties)
    }

    private init(
        id: String, type: String, name: String, tags: [String: String], sku: JSONValue?,
        properties: [String: JSONValue?]
    ) {
        (self.id, self.type, self.name, self.tags, self.sku) = (id, type, name, tags, sku)
        self.properties = properties
    }

    /// What is added to the resource of this id.
    static func part(of id: String, _ type: String, _ properties: [String: JSONValue?]) -> TerraformResource {
        var part = TerraformResource(
            id: id, type: type, name: lastPart(id), tags: [:], sku: nil, properties: properties)
        part.isWhole = false
        return part
    }

    var value: JSONValue {
        .members([
            "id": .string(id), "type": .string(type), "name": .string(name),
            "tags": tags.isEmpty ? nil : .object(tags.mapValues(JSONValue.string)), "sku": sku,
            "properties": .members(properties),
        ])
    }
}

/// The resources of a state by id, each put together from all that tell something of it.
struct TerraformResources {
    private struct Entry {
        var value: JSONValue
        var isWhole: Bool
    }

    private var entries: [String: Entry] = [:]
    /// NIC → ids of its application security groups: they hold for all of its configurations.
    private var groups: [String: [String]] = [:]
    /// NICs whose groups are known and which are not in the state themselves, sorted.
    private(set) var withoutNIC: [String] = []

    /// Properties whose elements are resources of their own in Azure, by the type that holds them. Where the state
    /// lacks the holder they are written as such: an array in a part would hide the array of the whole, told elsewhere.
    private static let children: [String: [String]] = [
        "Microsoft.Network/loadBalancers": ["loadBalancingRules", "backendAddressPools"],
        "Microsoft.Network/networkInterfaces": ["ipConfigurations"],
        "Microsoft.Network/azureFirewalls": [
            "networkRuleCollections", "applicationRuleCollections", "natRuleCollections",
        ],
    ]

    mutating func add(_ resources: [TerraformResource]) {
        for resource in resources where !resource.id.isEmpty {
            var resource = resource
            let key = canonicalID(resource.id)
            if let added = resource.properties.removeValue(forKey: TerraformResources.groupsOfNIC) {
                groups[key, default: []] += (added?.array ?? []).compactMap(\.string)
                continue
            }
            add(resource, at: key)
        }
    }

    /// Stands for a property that no answer of Azure has: groups of a NIC whose configurations are not known yet.
    static let groupsOfNIC = "application security groups"

    private mutating func add(_ resource: TerraformResource, at key: String) {
        guard let known = entries[key] else {
            entries[key] = Entry(value: resource.value, isWhole: resource.isWhole)
            return
        }
        let isFirst = resource.isWhole && !known.isWhole
        entries[key] = Entry(
            value: isFirst
                ? resource.value.completed(by: known.value) : known.value.completed(by: resource.value),
            isWhole: known.isWhole || resource.isWhole)
    }

    mutating func finished() -> [JSONValue] {
        withoutNIC = groups.keys.filter { !knowsConfigurations(of: $0) }.sorted()
        var values: [(key: String, value: JSONValue)] = []
        for (key, entry) in entries {
            if entry.isWhole {
                values.append((key, groups[key].map { grouped(entry.value, $0) } ?? entry.value))
            } else {
                values += separated(entry.value, key)
            }
        }
        return values.sorted { $0.key < $1.key }.map(\.value)
    }

    private func knowsConfigurations(of nic: String) -> Bool {
        guard let entry = entries[nic], entry.isWhole else { return false }
        return entry.value["properties"]?["ipConfigurations"] != nil
    }

    private func grouped(_ nic: JSONValue, _ groups: [String]) -> JSONValue {
        let references = JSONValue.array(Set(groups).sorted().map(JSONValue.reference))
        let group = JSONValue.members(["properties": .members(["applicationSecurityGroups": references])])
        let configurations = nic["properties"]?["ipConfigurations"]?.array ?? []
        return nic.replacing("ipConfigurations", by: .array(configurations.map { $0.completed(by: group) }))
    }

    private func separated(_ value: JSONValue, _ key: String) -> [(key: String, value: JSONValue)] {
        guard let type = value["type"]?.string, let names = TerraformResources.children[type],
            let id = value["id"]?.string
        else { return [(key, value)] }
        var parts: [(key: String, value: JSONValue)] = []
        var rest = value
        for name in names {
            for child in value["properties"]?[name]?.array ?? [] {
                guard case .object(var members) = child, let own = child["name"]?.string else { continue }
                let childID = "\(id)/\(name)/\(own)"
                members["id"] = .string(childID)
                members["type"] = .string("\(type)/\(name)")
                parts.append((canonicalID(childID), .object(members)))
            }
            rest = rest.replacing(name, by: nil)
        }
        if rest["properties"]?.object?.isEmpty == false { parts.append((key, rest)) }
        return parts
    }
}

extension JSONValue {
    /// This value, completed by another of the same resource: where both say something this one stays. Elements of one
    /// name (or id, without case) are the same child.
    fileprivate func completed(by other: JSONValue) -> JSONValue {
        switch (self, other) {
        case (.object(var members), .object(let others)):
            for (key, value) in others { members[key] = members[key]?.completed(by: value) ?? value }
            return .object(members)
        case (.array(let elements), .array(let others)): return .array(JSONValue.joined(elements, others))
        default: return self
        }
    }

    private static func joined(_ elements: [JSONValue], _ others: [JSONValue]) -> [JSONValue] {
        // Lists of texts are values: ranges of a VNet, say, do not add up.
        guard others.allSatisfy({ $0.object != nil }) else { return elements.isEmpty ? others : elements }
        var elements = elements
        var places: [String: Int] = [:]
        for (place, element) in elements.enumerated() { places[element.childKey ?? "#\(place)"] = place }
        for other in others {
            if let key = other.childKey, let place = places[key] {
                elements[place] = elements[place].completed(by: other)
            } else if !elements.contains(other) {
                if let key = other.childKey { places[key] = elements.count }
                elements.append(other)
            }
        }
        return elements
    }

    private var childKey: String? { (self["name"]?.string ?? self["id"]?.string)?.lowercased() }

    fileprivate func replacing(_ property: String, by value: JSONValue?) -> JSONValue {
        guard case .object(var members) = self, case .object(var properties)? = self["properties"] else { return self }
        properties[property] = value
        members["properties"] = .object(properties)
        return .object(members)
    }
}
