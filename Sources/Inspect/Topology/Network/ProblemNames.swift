/// How texts for people call what problems name: a child after its parent, `vnet/subnet`, a file as it was given. Where
/// another resource of the same type has the same name, in another resource group say, it is the id.
struct ProblemNames {
    private let network: Network
    /// Ends of the ids, `routetables/rt`, that more than one id has.
    private var shared: Set<String> = []

    init(_ problems: [TopologyProblem], in network: Network) {
        self.network = network
        let roots = problems.compactMap { root(of: $0.resource) }
        let wanted = Set(roots.map(end))
        var owners: [String: String] = [:]
        func look(at id: String) {
            let end = end(of: id)
            guard wanted.contains(end) else { return }
            if let owner = owners[end], owner != id { shared.insert(end) } else { owners[end] = id }
        }
        guard !wanted.isEmpty else { return }
        roots.forEach(look)
        network.names.keys.forEach(look)
        network.interfaces.keys.forEach(look)
        network.privateEndpoints.keys.forEach(look)
    }

    func name(of resource: String) -> String {
        guard let root = root(of: resource), !shared.contains(end(of: root)) else { return resource }
        var names: [String] = []
        var id = resource
        while id.utf8.count > root.utf8.count {
            names.append(childName(id))
            id = parentID(id)
        }
        names.append(lastPart(network.name(of: root)))
        return names.reversed().joined(separator: "/")
    }

    private func childName(_ id: String) -> String {
        if let subnet = network.subnets[id] { return subnet.name }
        let peering = network.vnets[parentID(id)]?.peerings.first { $0.id == id }
        return peering?.name ?? lastPart(network.name(of: id))
    }

    /// The id of the resource that is no child, or whose last child this is; nil for a file.
    private func root(of id: String) -> String? {
        guard let type = resourceType(ofID: id) else { return nil }
        return type.split(separator: "/").dropFirst(2).reduce(id) { id, _ in parentID(id) }
    }

    private func end(of id: String) -> String { "\(kindPart(id))/\(lastPart(id))" }
}
