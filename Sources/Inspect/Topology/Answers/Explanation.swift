package import FlowModel

/// One station of a path.
package struct Hop: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case nic, firewall, appliance, router
        case loadBalancer = "load_balancer"
        case gateway
        case privateEndpoint = "private_endpoint"
        case onPremises = "on_premises"
        case internet, drop
    }

    package var kind: Kind
    /// Lower-cased resource id; nil for what is no resource.
    package var id: String?
    package var name: String
    package var address: String?

    package init(kind: Kind, id: String?, name: String, address: String?) {
        self.kind = kind
        self.id = id
        self.name = name
        self.address = address
    }
}

/// Whether a vantage point's log shows the session, each way; nil = cannot tell, and the reason says why.
package struct Visibility: Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable {
        case onPath = "on_path"
        case notOnPath = "not_on_path"
        case endpointNeverLogs = "endpoint_never_logs"
        case protocolNotLogged = "protocol_not_logged"
        case directionNotLogged = "direction_not_logged"
        case workloadNotLogged = "workload_not_logged"
        case loggingNotEnabled = "logging_not_enabled"
        case filtered
        case pathUnknown = "path_unknown"
    }

    /// Lower-cased id of the NIC, firewall, appliance or private endpoint.
    package var vantage: String
    package var forward: Bool?
    package var forwardReason: Reason
    package var back: Bool?
    package var backReason: Reason

    package init(vantage: String, forward: Bool?, forwardReason: Reason, back: Bool?, backReason: Reason) {
        self.vantage = vantage
        self.forward = forward
        self.forwardReason = forwardReason
        self.back = back
        self.backReason = backReason
    }
}

/// What the topology says of a session that `from` opens to `to`: the answer of `flowsight explain`.
///
/// Optional truth values are three-valued: nil is "cannot tell", and the text beside it says why.
package struct Explanation: Sendable, Hashable {
    /// The addresses, in canonical text.
    package var from: String
    package var to: String
    package var ipProtocol: Int16
    /// Whether the session can work at all.
    package var works: Bool?
    package var why: String
    /// Whether the answer crosses the same firewalls and appliances as the opening.
    package var symmetric: Bool?
    package var symmetricReason: String
    /// Whether a firewall or an inspecting appliance stands on the forward path.
    package var inspected: Bool?
    /// Names, in the order of the path.
    package var inspectedBy: [String]
    package var forward: [Hop]
    package var back: [Hop]
    /// Routes that hold the destination, at each subnet where a decision fell, forward ones first.
    package var routes: [ConsideredRoute]
    package var sees: [Visibility]
    package var confidence: Confidence
    /// Facts that are disputed, previewed, inferred or assumed, and that the answer rests on.
    package var restsOn: [String]
    package var remedy: [String]
    /// Lower-cased ids of the firewalls and inspecting appliances that the routes put on each path, in its order.
    package var forwardInspectors: [String]
    package var backInspectors: [String]

    package init(from: String, to: String, ipProtocol: Int16) {
        self.from = from
        self.to = to
        self.ipProtocol = ipProtocol
        works = nil
        why = ""
        symmetric = nil
        symmetricReason = ""
        inspected = nil
        inspectedBy = []
        forward = []
        back = []
        routes = []
        sees = []
        confidence = .high
        restsOn = []
        remedy = []
        forwardInspectors = []
        backInspectors = []
    }
}
