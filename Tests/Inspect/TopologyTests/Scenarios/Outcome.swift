import FlowModel
import Topology

/// What a session does, in one word of a network engineer: the path each way, the three verdicts, and what every
/// vantage point shows.
///
/// Paths are written with roles: `client` and `server` are a NIC, or on-premises and its gateway; `firewall` an Azure
/// Firewall or a network virtual appliance; `endpoint` the private endpoint; any other word is the kind of a hop. `*` =
/// the facts do not say.
struct Outcome: Equatable, Sendable {
    var forward: String
    var back: String
    var works: String
    var symmetric: String
    var inspected: String
    /// What the client's NIC shows of the opening and of the answer.
    var client: String
    /// What the firewall shows of the opening and of the answer.
    var firewall: String
    /// What the private endpoint, or the server's NIC, shows of the opening and of the answer. No log is taken at a private
    /// endpoint.
    var server = "null endpoint_never_logs, null endpoint_never_logs"
    /// The answer may be this sure at best; below `high` it must say what it rests on.
    var atBest: Confidence

    func with(_ change: (inout Outcome) -> Void) -> Outcome {
        var changed = self
        change(&changed)
        return changed
    }

    /// What the facts say of a flow log: it never holds ICMP. [learn: network-watcher FAQ 2025-06]
    func forICMP() -> Outcome {
        with {
            $0.client = "null protocol_not_logged, null protocol_not_logged"
            if !$0.server.contains("endpoint_never_logs") { $0.server = $0.client }
        }
    }
}

private let seen = "true on_path"
private let absent = "false not_on_path"

extension Outcome {
    /// Through the firewall, and back through it.
    static let inspected = Outcome(
        forward: "client firewall endpoint", back: "endpoint firewall client", works: "true", symmetric: "true",
        inspected: "true", client: "\(seen), \(seen)", firewall: "\(seen), null direction_not_logged", atBest: .high)

    /// The same, but it rests on what was seen in a lab without translation, and on the reply that follows the mapping.
    static let inspectedWithoutTranslation = inspected.with { $0.atBest = .medium }

    /// Past the firewall, both ways.
    static let bypass = Outcome(
        forward: "client endpoint", back: "endpoint client", works: "true", symmetric: "true", inspected: "false",
        client: "\(seen), \(seen)", firewall: "\(absent), \(absent)", atBest: .high)

    /// Through the firewall to an endpoint that does not speak the protocol.
    static let unansweredBehindFirewall = Outcome(
        forward: "client firewall endpoint", back: "", works: "false", symmetric: "null", inspected: "true",
        client: "\(seen), \(absent)", firewall: "\(seen), \(absent)", atBest: .medium)

    /// Past the firewall to an endpoint that does not speak the protocol.
    static let unanswered = Outcome(
        forward: "client endpoint", back: "", works: "false", symmetric: "null", inspected: "false",
        client: "\(seen), \(absent)", firewall: "\(absent), \(absent)", atBest: .medium)

    /// The packets leave the firewall, and are dropped at its host before the endpoint; nothing comes back.
    static let droppedBehindFirewall = Outcome(
        forward: "client firewall drop", back: "", works: "false", symmetric: "null", inspected: "true",
        client: "\(seen), \(absent)", firewall: "\(seen), \(absent)", atBest: .medium)

    /// The routes let it go no further than the firewall: no route or no peering leads on.
    static let stoppedAtFirewall = droppedBehindFirewall.with { $0.atBest = .high }

    /// It leaves the client's subnet for nowhere.
    static let stoppedAtClient = Outcome(
        forward: "client drop", back: "", works: "false", symmetric: "null", inspected: "false",
        client: "\(seen), \(absent)", firewall: "\(absent), \(absent)", atBest: .high)

    /// It reaches the endpoint through the firewall; whether and how the answer returns is reported differently.
    static let answerUnknown = Outcome(
        forward: "client firewall endpoint", back: "*", works: "null", symmetric: "null", inspected: "true",
        client: "\(seen), null *", firewall: "\(seen), null *", atBest: .medium)
}
