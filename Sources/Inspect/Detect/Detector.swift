package import Correlate
package import FlowModel

/// A contradiction that a detector sees at a tick, before anyone writes it down.
package struct Contradiction: Sendable {
    package var fingerprint: String
    package var lastSeen: EventTime
    package var proof: Finding.Proof
    package var severity: Severity
    /// Fingerprints of findings that say less about the same cause.
    package var supersedes: [String] = []
    /// Writes the finding. Called where it is new or has something new to say.
    package var describe: @Sendable (Correlator) -> Finding
    /// Sessions that became known at this tick; all of them where the finding opens.
    package var sessions: [AsymmetricSession] = []
    package var newSessions: [AsymmetricSession] = []
}

/// Whether an open finding, of which nothing new was seen at a tick, still stands.
package enum Standing: Sendable, Hashable {
    /// Nothing says that it is over: it stays, and goes stale in time.
    case stands
    /// The sources speak, and the contradiction is gone: it resolves, with the reason.
    case gone(String)
}

/// Finds one kind of contradiction. A value without state: everything lies in the correlator and in the findings.
package protocol Detector: Sendable {
    /// Id in the catalogue, `detector` of its findings.
    static var id: String { get }

    /// What contradicts at this tick. `open` holds the fingerprints of findings that are not resolved.
    func contradictions(at tick: Tick, in correlator: inout Correlator, open: Set<String>) -> [Contradiction]

    /// Whether a finding of this detector that no contradiction backs at this tick still stands.
    func standing(of finding: Finding, at tick: Tick, in correlator: inout Correlator) -> Standing
}
