internal import FlowModel

/// Which private endpoints of a subnet fare alike, so that one is judged for all.
///
/// Two do where nothing that a judgement compares an address with tells them apart: they have one address each, the same
/// kind of target and state, and lie in the same of all prefixes that occur in route tables, on-premises ranges, ranges of
/// translation and subnets. A /32 user route to one of them makes that one a class of its own.
struct EndpointClasses {
    private var prefixes = PrefixTable<Int>()
    /// False where something else may tell them apart: then each stands alone.
    private let isPossible: Bool

    private struct Key: Hashable {
        var prefix: Int?
        var kind: PrivateEndpoint.TargetKind
        var isApproved: Bool
    }

    init(network: Network) {
        // Rules of security groups and the overlay's wishes name single addresses, too.
        isPossible =
            network.overlay.inspect.isEmpty
            && network.subnets.values.allSatisfy { $0.securityGroup == nil }
            && network.interfaces.values.allSatisfy { $0.securityGroup == nil }
        guard isPossible else { return }
        var all: Set<IPPrefix> = []
        for table in network.routeTables.values { all.formUnion(table.routes.compactMap(\.prefix)) }
        all.formUnion(network.onPremises.map(\.prefix))
        all.formUnion(network.subnets.values.flatMap(\.prefixes))
        all.formUnion(network.vnets.values.flatMap(\.ranges))
        for appliance in network.appliances.values {
            if case .outside(let ranges) = appliance.translation { all.formUnion(ranges) }
        }
        for (index, prefix) in all.sorted().enumerated() { prefixes.insert(index, at: prefix) }
    }

    /// For each endpoint the index of the one that stands for it, the first of its class.
    func representatives(of endpoints: [PrivateEndpoint]) -> [Int] {
        var first: [Key: Int] = [:]
        return endpoints.indices.map { index in
            let endpoint = endpoints[index]
            guard isPossible, endpoint.addresses.count == 1 else { return index }
            let key = Key(
                prefix: prefixes.longestMatch(endpoint.addresses[0]), kind: endpoint.targetKind,
                isApproved: endpoint.isApproved)
            if let known = first[key] { return known }
            first[key] = index
            return index
        }
    }
}

/// Words about one private endpoint, said of another of its class.
struct EndpointWording {
    let from: PrivateEndpoint
    let to: PrivateEndpoint

    func text(_ text: String) -> String {
        guard from.id != to.id, let old = from.addresses.first, let new = to.addresses.first else { return text }
        return replace(from.name, by: to.name, in: replace(old.description, by: new.description, in: text))
    }

    func action(_ action: RemedyAction) -> RemedyAction {
        guard from.id != to.id, let old = from.addresses.first, let new = to.addresses.first,
            action.prefix == IPPrefix(host: old).description
        else { return action }
        var action = action
        let prefix = IPPrefix(host: new)
        action.prefix = prefix.description
        if action.kind == .addRoute { action.routeName = RemedySearch.routeName(prefix) }
        return action
    }

    /// Whole words only: 10.0.0.4 is no part of 10.0.0.41.
    private func replace(_ word: String, by other: String, in text: String) -> String {
        guard !word.isEmpty, text.contains(word) else { return text }
        var result = ""
        var rest = text[...]
        while let range = rest.ranges(of: word).first {
            let before = rest[..<range.lowerBound].last ?? result.last
            let isWord = !isWordPart(before) && !isWordPart(rest[range.upperBound...].first)
            result += rest[..<range.lowerBound]
            result += isWord ? other : word
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    private func isWordPart(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || "-_.".contains($0) } ?? false
    }
}
