import FlowModel

extension Finding {
    /// Whether a contradiction shows more than this finding says.
    func hasNews(in contradiction: Contradiction) -> Bool {
        state != .open || contradiction.lastSeen > lastSeen || contradiction.proof.order > proof.order
            || contradiction.severity.order > severity.order
    }

    /// This finding with what a newer description of it says. What was proven stays proven while it is open, and the
    /// evidence stays a sample by hash of all that was ever shown.
    func updated(by newer: Finding) -> Finding {
        var finding = newer
        finding.state = .open
        finding.openedAt = openedAt
        finding.flapping = flapping
        finding.firstSeen = min(firstSeen, newer.firstSeen)
        finding.lastSeen = max(lastSeen, newer.lastSeen)
        if proof.order > newer.proof.order || severity.order > newer.severity.order {
            finding.title = title
            finding.why = why
            finding.proof = proof
            finding.proofWhy = proofWhy
            finding.severity = severity
            finding.confidence = confidence
        }
        finding.evidence = Finding.sample(evidence + newer.evidence)
        return finding
    }

    /// At most `evidenceLimit` rows: of each kind (`what`) an equal share, of a kind those of the smallest hashes;
    /// sorted by time, source, hash, ordinal. The order of the input does not matter.
    static func sample(_ rows: [Evidence]) -> [Evidence] {
        let byHash = Set(rows).sorted {
            ($0.recordHash, $0.ordinal, $0.source) < ($1.recordHash, $1.ordinal, $1.source)
        }
        var kinds = Dictionary(grouping: byHash, by: \.what).map(\.value)[...]
        kinds.sort { ($0.count, $0[0].what) < ($1.count, $1[0].what) }
        var chosen: [Evidence] = []
        // The rarest kind first: what it leaves of its share goes to the others.
        while let kind = kinds.popFirst() {
            let share = (evidenceLimit - chosen.count) / (kinds.count + 1)
            chosen += kind.prefix(share)
        }
        return chosen.sorted {
            ($0.time, $0.source, $0.recordHash, $0.ordinal) < ($1.time, $1.source, $1.recordHash, $1.ordinal)
        }
    }
}

extension Finding.Proof {
    var order: Int { self == .none ? 0 : self == .unproven ? 1 : 2 }
}

extension Severity {
    var order: Int { self == .info ? 0 : self == .warning ? 1 : 2 }
}
