internal import FlowModel

/// Names by which clients ask for private endpoints: those of the service, and what private DNS zones say.
///
/// With a zone group connected, an endpoint's own records are empty (topology exports, 21): the group's record sets and the
/// zones' A records tell the names then. Of record sets and links Resource Graph lists none; REST, templates and Terraform do.
extension NetworkReader {
    /// Needs the routing domains: private address space is reused.
    mutating func readZones(_ resources: ResourcesByType) {
        var names: [String: [String]] = [:]  // Endpoint → names.
        for group in resources["microsoft.network/privateendpoints/privatednszonegroups"] {
            for configuration in group.fields.list("privatednszoneconfigs") {
                for record in configuration.list("recordsets") {
                    guard let name = record.text("fqdn") else { continue }
                    names[parentID(group.id), default: []].append(name)
                }
            }
        }
        let records = resources["microsoft.network/privatednszones/a"]
        if !records.isEmpty { readRecords(records, linkedDomains(resources), into: &names) }
        guard !names.isEmpty else { return }
        for (index, endpoint) in endpoints.enumerated() {
            guard let aliases = names[endpoint.id] else { continue }
            endpoints[index] = endpoint.with(aliases: unique(aliases.map { $0.lowercased() }).sorted())
            network.privateEndpoints[endpoint.id] = endpoints[index]
        }
    }

    private func readRecords(
        _ records: some Sequence<Resource>, _ domains: [String: Set<Int32>], into names: inout [String: [String]]
    ) {
        let holders = Dictionary(
            grouping: endpoints.flatMap { endpoint in endpoint.addresses.map { ($0, endpoint) } }, by: \.0)
        for record in records {
            let zone = parentID(record.id)
            let name = lastPart(record.id) == "@" ? lastPart(zone) : "\(lastPart(record.id)).\(lastPart(zone))"
            for address in parse(record.fields.list("arecords").compactMap({ $0.text("ipv4address") })) {
                var found = (holders[address] ?? []).map(\.1)
                if let known = domains[zone] {
                    found.removeAll { !known.contains(network.domain(ofSubnet: $0.subnet)) }
                } else if found.count > 1 {
                    // Which of them it means, only the zone's links would say.
                    found = []
                }
                for endpoint in found { names[endpoint.id, default: []].append(name) }
            }
        }
    }

    /// Zone → routing domains of the VNets that are linked with it.
    private func linkedDomains(_ resources: ResourcesByType) -> [String: Set<Int32>] {
        var domains: [String: Set<Int32>] = [:]
        for link in resources["microsoft.network/privatednszones/virtualnetworklinks"] {
            guard let vnet = link.fields.reference("virtualnetwork"), let domain = network.domains[vnet] else {
                continue
            }
            domains[parentID(link.id), default: []].insert(domain)
        }
        return domains
    }
}
