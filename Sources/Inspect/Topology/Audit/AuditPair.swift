package import FlowModel

/// What the topology says of TCP from one client subnet to one private endpoint, before any packet.
package struct AuditPair: Sendable, Hashable {
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// A firewall or an inspecting appliance stands on the way, and the session works.
        case inspected
        /// TCP arrives and passes every firewall by.
        case bypassed
        /// The session cannot work; `why` says what stops it.
        case broken
        case unknown
    }

    /// Lower-cased id of the subnet, or the on-premises prefix.
    package var clientSubnet: String
    /// Lower-cased id.
    package var privateEndpoint: String
    package var verdict: Verdict
    package var why: String
    /// Whose logs show the session: lower-cased ids of firewalls and appliances, of the client's subnet where flow logs
    /// cover all of it, else of its NICs that they cover. As if every log were on where the export has no flow log.
    package var seenBy: [String]
    /// No log that is on can show the session, and the way is known.
    package var isBlind: Bool
    package var confidence: Confidence
    package var restsOn: [String]
    /// What mends it, tried in the model; empty where nothing is to be mended, or nothing can be shown to be safe.
    package var remedy: [RemedyAction]
    /// Why there is no remedy, for a pair that needs one.
    package var remedyNote: String?
    /// False where the overlay's `inspect` does not ask for the pair, and where the client's subnet holds private
    /// endpoints only: it is listed, is no failure and needs no remedy.
    package var counts: Bool

    /// The pair counts, and bypasses or breaks: the exit code says so.
    package var isOpen: Bool { counts && (verdict == .bypassed || verdict == .broken) }
}

extension AuditPair {
    /// One element of `pairs` in `audit --json`: `remedy` holds the routes, `settings` what must change beside them.
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("client_subnet"); json.value(clientSubnet)
        json.key("private_endpoint"); json.value(privateEndpoint)
        json.key("verdict"); json.value(verdict.rawValue)
        json.key("why"); json.value(why)
        json.key("seen_by"); json.value(seenBy)
        json.key("blind"); json.value(isBlind)
        json.key("confidence"); json.value(confidence.rawValue)
        json.key("rests_on"); json.value(restsOn)
        json.key("remedy")
        json.beginArray()
        for action in remedy where action.kind == .addRoute { action.write(to: &json) }
        json.endArray()
        json.key("settings")
        json.beginArray()
        for action in remedy where action.kind != .addRoute { action.write(to: &json) }
        json.endArray()
        json.key("remedy_note"); json.value(remedyNote)
        json.key("counts"); json.value(counts)
        json.endObject()
    }
}
