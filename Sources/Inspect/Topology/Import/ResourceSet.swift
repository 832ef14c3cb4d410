/// Azure resources and overlays of any number of documents, in any order.
package struct ResourceSet: Sendable {
    private(set) var documents: [TopologyDocument] = []

    package init() {}

    /// Takes a document up.
    package mutating func add(_ document: TopologyDocument) throws(TopologyError) {
        var reader = ResourceReader()
        try reader.read([document])
        documents.append(document)
    }

    /// Digest of all that was added; neither the order nor the names of the documents count. Empty without any.
    package var digest: String { whole()?.version() ?? "" }

    /// One document from which the same topology is made.
    package func document(named name: String) -> TopologyDocument {
        let sorted = documents.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
        return TopologyDocument(name: name, bytes: Array(sorted.joined(separator: [UInt8(ascii: "\n")])))
    }

    /// Each resource's type and digest by its id; the overlays together go by the id `overlay`.
    package var summaries: [String: ResourceSummary] { whole()?.summaries() ?? [:] }

    /// Each document was read when it was added.
    private func whole() -> ResourceReader? {
        var reader = ResourceReader()
        do throws(TopologyError) {
            try reader.read(documents)
        } catch {
            return nil
        }
        return reader
    }
}

/// What tells whether a resource has changed.
package struct ResourceSummary: Sendable, Hashable {
    /// Lower-cased, `microsoft.network/virtualnetworks`.
    package var type: String
    package var digest: UInt64

    package init(type: String, digest: UInt64) {
        self.type = type
        self.digest = digest
    }
}

extension Topology {
    /// The topology of a set of resources. An empty set is an empty topology.
    package init(_ resources: consuming ResourceSet) throws(TopologyError) {
        try self.init(documents: resources.documents)
    }
}
