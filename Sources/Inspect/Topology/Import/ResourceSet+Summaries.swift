internal import Digest
internal import FlowModel

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

extension ResourceSet {
    /// Each resource's type and digest by its id; the overlays together go by the id `overlay`.
    package var summaries: [String: ResourceSummary] {
        let merged = merged()
        var summaries: [String: ResourceSummary] = [:]
        summaries.reserveCapacity(merged.resources.count)
        var writer = CanonicalWriter(texts: packer.texts)
        for reading in merged.resources {
            writer.removeAll()
            writer.write(reading, of: merged.values)
            summaries[packer.texts.string(reading.id)] = ResourceSummary(
                type: ResourceKind.all[Int(reading.kind)].lowered, digest: ResourceSet.digest(writer.json.bytes))
        }
        if !overlays.isEmpty {
            let text = overlays.keys.sorted().joined(separator: "\n")
            summaries["overlay"] = ResourceSummary(type: "overlay", digest: ResourceSet.digest(Array(text.utf8)))
        }
        return summaries
    }

    /// The first 64 bits of SHA-256.
    private static func digest(_ bytes: [UInt8]) -> UInt64 {
        var sha = SHA256()
        sha.update(bytes.span)
        return sha.digest().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
