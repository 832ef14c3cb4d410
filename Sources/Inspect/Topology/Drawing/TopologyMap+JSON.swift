package import FlowModel

/// The map for programs: every key always there, always in the same order.
extension TopologyMap {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("version"); json.value(version)
        json.key("as_of"); json.value(dating.map { Dating.seconds($0.age.newest) })
        json.key("oldest_file"); json.value(dating.map { Dating.seconds($0.age.oldest) })
        json.key("age_seconds")
        json.value(dating.map { max(0, ($0.now.microseconds - $0.age.newest.microseconds) / 1_000_000) })
        json.key("domains"); list(domains, &json, write)
        json.key("links"); list(links, &json, write)
        json.key("in_no_subnet"); list(unplaced, &json, write)
        json.key("unreached_on_premises"); list(unreached, &json, write)
        json.key("problems"); list(problems, &json, write)
        json.key("not_understood"); json.value(notUnderstood)
        json.key("path")
        if let way { write(way, &json) } else { json.null() }
        json.endObject()
    }

    private func list<Item>(_ items: [Item], _ json: inout JSONWriter, _ write: (Item, inout JSONWriter) -> Void) {
        json.beginArray()
        for item in items { write(item, &json) }
        json.endArray()
    }

    private func write(_ domain: Domain, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("domain"); json.value(domain.number)
        json.key("vnets"); list(domain.vnets, &json, write)
        json.key("on_premises"); list(domain.sites, &json, write)
        json.endObject()
    }

    private func write(_ vnet: VNet, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("id"); json.value(vnet.id)
        json.key("name"); json.value(vnet.name)
        json.key("kind"); json.value(vnet.kind.rawValue)
        json.key("ranges"); json.value(vnet.ranges)
        json.key("subnets"); list(vnet.subnets, &json, write)
        json.endObject()
    }

    private func write(_ subnet: Subnet, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("id"); json.value(subnet.id)
        json.key("name"); json.value(subnet.name)
        json.key("prefixes"); json.value(subnet.prefixes)
        json.key("route_table"); json.value(subnet.routeTable)
        json.key("network_security_group"); json.value(subnet.securityGroup)
        json.key("private_endpoint_policies"); json.value(subnet.policies)
        json.key("delegations"); json.value(subnet.delegations)
        json.key("nics"); json.value(subnet.interfaceCount)
        json.key("holds"); list(subnet.things, &json, write)
        json.endObject()
    }

    private func write(_ thing: Thing, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("kind"); json.value(thing.kind.rawValue)
        json.key("id"); json.value(thing.id)
        json.key("name"); json.value(thing.name)
        json.key("addresses"); json.value(thing.addresses)
        json.key("detail"); json.value(thing.detail)
        json.endObject()
    }

    private func write(_ site: Site, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("name"); json.value(site.name)
        json.key("prefixes"); json.value(site.prefixes)
        json.key("gateways"); json.value(site.gateways)
        json.key("assumed"); json.value(site.isAssumed)
        json.endObject()
    }

    private func write(_ link: Link, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("kind"); json.value(link.kind.rawValue)
        json.key("name"); json.value(link.name.isEmpty ? nil : link.name)
        json.key("state"); json.value(link.state.rawValue)
        json.key("reason"); json.value(link.text.isEmpty ? nil : link.text)
        json.key("vnets"); json.value(link.members)
        json.endObject()
    }

    private func write(_ problem: TopologyProblem, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("resource"); json.value(problem.resource)
        json.key("field"); json.value(problem.field)
        json.key("problem"); json.value(problem.problem)
        json.endObject()
    }

    private func write(_ way: Way, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("from"); json.value(way.explanation.from)
        json.key("to"); json.value(way.explanation.to)
        json.key("protocol"); json.value(IPProtocol.name(way.explanation.ipProtocol))
        json.key("port"); json.value(way.port)
        json.key("works"); json.value(way.explanation.works)
        json.key("why"); json.value(way.explanation.why)
        json.key("symmetric"); json.value(way.explanation.symmetric)
        json.key("symmetric_reason"); json.value(way.explanation.symmetricReason)
        json.key("inspected"); json.value(way.explanation.inspected)
        json.key("inspected_by"); json.value(way.explanation.inspectedBy)
        json.key("forward"); list(way.forward, &json, write)
        json.key("return"); list(way.back, &json, write)
        json.endObject()
    }

    private func write(_ station: Station, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("kind"); json.value(station.hop.kind.rawValue)
        json.key("name"); json.value(station.hop.name)
        json.key("address"); json.value(station.hop.address)
        json.key("at"); json.value(station.spot?.resource)
        json.endObject()
    }
}

extension TopologyMap.Spot {
    /// Id of the resource of the map; nil for a place outside it.
    package var resource: String? {
        switch self {
        case .thing(let id), .subnet(let id), .vnet(let id): id
        case .site, .outside: nil
        }
    }
}
