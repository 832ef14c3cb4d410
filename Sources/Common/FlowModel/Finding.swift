/// How sure a statement is.
package enum Confidence: String, Sendable, Codable, Comparable {
    case high, medium, low

    package static func < (left: Confidence, right: Confidence) -> Bool { left.order < right.order }
    private var order: Int { self == .low ? 0 : self == .medium ? 1 : 2 }
}

package enum Severity: String, Sendable, Codable { case info, warning, critical }

/// A route that was considered for a destination and protocol at a subnet (`routes` of `explain` and of findings).
package struct ConsideredRoute: Sendable, Hashable, Codable {
    /// Lower-cased id of the subnet whose effective routes hold it.
    package var subnet: String
    package var prefix: String
    /// `user`, `bgp` or `system`.
    package var source: String
    /// One of Azure's next hop types, in Flowsight's one spelling (`VirtualAppliance`, `InterfaceEndpoint`, …).
    package var nextHopType: String
    /// Address of the next hop, where the type has one.
    package var nextHop: String?
    /// Protocols that the route steers: `tcp`, `udp`, `icmp`.
    package var appliesTo: [String]
    package var chosen: Bool
    /// Why it won or lost, in a sentence.
    package var reason: String

    package init(
        subnet: String, prefix: String, source: String, nextHopType: String, nextHop: String?, appliesTo: [String],
        chosen: Bool, reason: String
    ) {
        self.subnet = subnet
        self.prefix = prefix
        self.source = source
        self.nextHopType = nextHopType
        self.nextHop = nextHop
        self.appliesTo = appliesTo
        self.chosen = chosen
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case subnet, prefix, source, chosen, reason
        case nextHopType = "next_hop_type"
        case nextHop = "next_hop"
        case appliesTo = "applies_to"
    }

    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("subnet"); json.value(subnet)
        json.key("prefix"); json.value(prefix)
        json.key("source"); json.value(source)
        json.key("next_hop_type"); json.value(nextHopType)
        json.key("next_hop"); json.value(nextHop)
        json.key("applies_to"); json.value(appliesTo)
        json.key("chosen"); json.value(chosen)
        json.key("reason"); json.value(reason)
        json.endObject()
    }
}

/// A contradiction between what the logs saw and what the topology expects (`findings --json`, the webhook's `data`).
///
/// Known by `fingerprint`, made of detector and subject alone. All times are event times.
package struct Finding: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Codable { case open, stale, resolved }
    package enum Proof: String, Sendable, Codable { case none, unproven, proven }

    package struct Name: Sendable, Hashable, Codable {
        package var name: String
        package var addresses: [String]
        package var prefixes: [String]

        package init(name: String, addresses: [String], prefixes: [String]) {
            self.name = name
            self.addresses = addresses
            self.prefixes = prefixes
        }
    }

    /// Totals, before any cut.
    package struct Counts: Sendable, Hashable, Codable {
        package var records: Int64 = 0
        package var sessions: Int64 = 0
        package var clients: Int64 = 0
        package var bytesSent: Int64?
        package var bytesReceived: Int64?

        package init() {}
        enum CodingKeys: String, CodingKey {
            case records, sessions, clients
            case bytesSent = "bytes_sent"
            case bytesReceived = "bytes_received"
        }
    }

    package struct Client: Sendable, Hashable, Codable {
        package var address: String
        package var sessions: Int64
        package var bytes: Int64?

        package init(address: String, sessions: Int64, bytes: Int64?) {
            self.address = address
            self.sessions = sessions
            self.bytes = bytes
        }
    }

    /// A row that shows the contradiction, copied: it outlives the raw partitions.
    package struct Evidence: Sendable, Hashable, Codable {
        package var source: String
        package var time: EventTime
        package var recordHash: String
        /// The tuple's index in its record; 0 where the record is one flow.
        package var ordinal: Int64
        package var vantage: String
        package var sourceAddress: String?
        package var destinationAddress: String?
        package var ipProtocol: String
        package var destinationPort: Int64?
        package var bytesSent: Int64?
        package var bytesReceived: Int64?
        /// What it shows, in a phrase.
        package var what: String

        package init(
            source: String, time: EventTime, recordHash: String, ordinal: Int64, vantage: String,
            sourceAddress: String?, destinationAddress: String?, ipProtocol: String, destinationPort: Int64?,
            bytesSent: Int64?, bytesReceived: Int64?, what: String
        ) {
            self.source = source
            self.time = time
            self.recordHash = recordHash
            self.ordinal = ordinal
            self.vantage = vantage
            self.sourceAddress = sourceAddress
            self.destinationAddress = destinationAddress
            self.ipProtocol = ipProtocol
            self.destinationPort = destinationPort
            self.bytesSent = bytesSent
            self.bytesReceived = bytesReceived
            self.what = what
        }

        enum CodingKeys: String, CodingKey {
            case source, time, ordinal, vantage, what
            case recordHash = "record_hash"
            case sourceAddress = "src_ip"
            case destinationAddress = "dst_ip"
            case ipProtocol = "protocol"
            case destinationPort = "dst_port"
            case bytesSent = "bytes_sent"
            case bytesReceived = "bytes_received"
        }
    }

    package var fingerprint: String
    /// Id of the detector's catalogue entry, such as `asymmetric-session`.
    package var detector: String
    package var state: State
    package var severity: Severity
    package var confidence: Confidence
    package var title: String
    package var why: String
    /// Id of what causes it (a route table, or the subnet that has none), by which alerts group.
    package var cause: String
    /// The subject's keys and values, as the catalogue of detectors names them.
    package var subject: [String: String]
    /// Id → what people call it, for every id of the subject and the cause.
    package var names: [String: Name]
    package var firstSeen: EventTime
    package var lastSeen: EventTime
    package var openedAt: EventTime
    package var resolvedAt: EventTime?
    package var resolvedBecause: String?
    package var proof: Proof
    package var proofWhy: String
    package var flapping: Bool
    package var counts: Counts
    /// At most `clientLimit`, sorted by sessions (most first), then address.
    package var clients: [Client]
    /// At most `evidenceLimit`, sorted by time, source, hash, ordinal.
    package var evidence: [Evidence]
    package var routes: [ConsideredRoute]
    package var remedy: [String]
    /// The command that shows the routes, ready to copy.
    package var explain: String

    package static let clientLimit = 100
    package static let evidenceLimit = 20

    package init(fingerprint: String, detector: String, subject: [String: String], openedAt: EventTime) {
        self.fingerprint = fingerprint
        self.detector = detector
        self.subject = subject
        self.openedAt = openedAt
        state = .open
        severity = .warning
        confidence = .medium
        title = ""
        why = ""
        cause = ""
        names = [:]
        firstSeen = openedAt
        lastSeen = openedAt
        resolvedAt = nil
        resolvedBecause = nil
        proof = .none
        proofWhy = ""
        flapping = false
        counts = Counts()
        clients = []
        evidence = []
        routes = []
        remedy = []
        explain = ""
    }

    enum CodingKeys: String, CodingKey {
        case fingerprint, detector, state, severity, confidence, title, why, cause, subject, names, proof, flapping
        case counts, clients, evidence, routes, remedy, explain
        case firstSeen = "first_seen"
        case lastSeen = "last_seen"
        case openedAt = "opened_at"
        case resolvedAt = "resolved_at"
        case resolvedBecause = "resolved_because"
        case proofWhy = "proof_why"
    }
}

extension EventTime: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = EventTime(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 time with a zone")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
