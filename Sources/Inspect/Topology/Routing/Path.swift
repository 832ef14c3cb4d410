internal import FlowModel

/// One way through the network, as the routes steer it.
struct Path {
    enum End {
        case host(Network.Host)
        /// An address of a known subnet that no resource claims.
        case unclaimed
        /// Packets arrive at a private endpoint, which never answers this protocol.
        case neverAnswered(String)
        case onPremises
        case internet
        case dropped(String)
        case unknown(String)
        /// Nothing is sent: there is nothing to answer.
        case nothing

        /// The same kind of end, whatever host or reason.
        func isLike(_ other: End) -> Bool {
            switch (self, other) {
            case (.host, .host), (.unclaimed, .unclaimed), (.neverAnswered, .neverAnswered), (.onPremises, .onPremises),
                (.internet, .internet), (.dropped, .dropped), (.unknown, .unknown), (.nothing, .nothing):
                return true
            default: return false
            }
        }
    }

    /// Whose packets take it.
    let source: Place
    /// The way back: what opened the session is there, whatever the export says.
    let isAnswer: Bool
    /// It answers a session that a device translated.
    var isOfTranslated = false
    var hops: [Hop] = []
    /// Devices that the packets pass, in order, inspecting or not.
    var appliances: [Appliance] = []
    /// The address by which they enter each of them.
    var entries: [IPAddress] = []
    var decisions: [RouteDecision] = []
    var facts: [Fact] = []
    var end = End.nothing
    /// Gateway that the path passed, if any.
    var gateway: Gateway?
    /// Devices that put their own address in place of the client's.
    var translating: Set<String> = []
    /// The address by which packets leave a device of several interfaces.
    var exits: [String: IPAddress] = [:]
    /// Firewalls whose rules are known, and let it pass.
    var judgedByRules: Set<String> = []
    /// Why it is not known whether a device translates, or whether groups and rules let it pass; nil where it is.
    var translationDoubt: String?
    var doubt: String?
    /// What groups and rules say beyond "it passes": which ports do not.
    var notes: [String] = []
    /// A group of the host it reaches drops it there.
    var isDeniedAtHost = false
    /// It ends at a device that would have to translate for the packets to arrive.
    var needsTranslation = false
    /// Devices taken where several next hops, of more than one device, were there to take.
    var equalCost: Set<String> = []
    /// Where the devices of this leg begin: behind a device that undoes its translation, the way is another one.
    var legStart = 0
    /// Routing appliances and virtual hubs passed: a bound against circles.
    var routers = 0
    var hubs = 0

    var reachesHost: Bool {
        switch end {
        case .host, .unclaimed, .neverAnswered: true
        default: false
        }
    }

    /// The address that stands for the client behind a device that translates: of the client's family.
    func shown(by device: Appliance) -> IPAddress {
        exits[device.id] ?? device.addresses.first { $0.isIPv4 == source.address.isIPv4 } ?? .none
    }

    var isOnPremises: Bool { if case .onPremises = end { true } else { false } }

    var inspectors: [String] { appliances.filter(\.inspects).map(\.id) }
}
