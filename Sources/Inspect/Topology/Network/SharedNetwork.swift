/// One finished network behind a reference: questions pass it on without copying its two dozen tables.
final class SharedNetwork: Sendable {
    let network: Network

    init(_ network: Network) { self.network = network }
}
