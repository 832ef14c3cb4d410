import FlowModel
package import Topology

/// What the numbers in the aggregates stand for, and what is known of addresses: shared by all minutes.
package struct Register: Sendable {
    package var names = NameTable()
    package var paths: PathCache
    package private(set) var versions: TopologyVersions
    /// Index into `versions.frames` of the version that is asked now.
    private(set) var current = 0
    private var wishes: [Wish: Bool] = [:]
    private var outlooks: [Outlook: Bool] = [:]
    private let cacheLimit: Int
    private var observers: [Observer: Int32] = [:]
    /// Observers come from the input: bounded, like every text of it.
    private let observerLimit = 200_000

    package init(versions: TopologyVersions, settings: CorrelateSettings) {
        self.versions = versions
        paths = PathCache(frame: versions.frames[0], limit: settings.pathLimit)
        cacheLimit = settings.pathLimit
    }

    /// The version that is asked: that of the minute that was turned to last.
    package var frame: VersionFrame { paths.frame }
    package var topology: Topology { paths.frame.topology }

    /// Asks the version that judges a minute from now on.
    mutating func turn(to minute: Int64) {
        let index = versions.index(ofMinute: minute)
        guard index != current else { return }
        current = index
        paths.frame = versions.frames[index]
    }

    /// A firewall as the version that judges a minute knows it; nil where that version does not hold it.
    package func firewall(_ number: Int32, ofMinute minute: Int64) -> Firewall? {
        versions.frames[versions.index(ofMinute: minute)].firewalls[number]
    }

    /// Takes other versions. What is remembered of those that stay is still true.
    ///
    /// - Parameter prepared: what the newest of them answers, where it was asked beforehand.
    mutating func take(_ newer: TopologyVersions, prepared: PreparedPaths? = nil) {
        if let prepared { paths.take(prepared) }
        versions = newer
        current = 0
        paths.frame = newer.frames[0]
    }

    /// Forgets versions that judge nothing from this minute on.
    mutating func forgetVersions(before minute: Int64) -> [VersionFrame] {
        let old = versions.forget(before: minute)
        if !old.isEmpty { take(versions) }
        return old
    }

    private struct Wish: Hashable {
        var subject: PairSubject
        var client: IPAddress
        var version: Int32
    }

    /// Whether the overlay wants what this client sends to the private endpoint inspected: asked once, then known.
    mutating func isWanted(_ subject: PairSubject, client: IPAddress) -> Bool {
        let wish = Wish(subject: subject, client: client, version: frame.serial)
        if let known = wishes[wish] { return known }
        if wishes.count >= cacheLimit { wishes.removeAll(keepingCapacity: true) }
        let isWanted = topology.wantsInspection(
            privateEndpoint: names[subject.privateEndpoint], clientSubnet: names[subject.clientSubnet], client: client)
        wishes[wish] = isWanted
        return isWanted
    }

    /// The number of an observer of the version that is asked; its domain is numbered as that version's topology does.
    mutating func number(of observer: Observer) -> Int32 {
        var observer = observer
        observer.domain = frame.domain(observer.domain)
        if let number = observers[observer] { return number }
        guard observers.count < observerLimit else { return NameTable.unknown }
        let number = Int32(observers.count)
        observers[observer] = number
        return number
    }

    // MARK: One world

    private struct Outlook: Hashable {
        var client: IPAddress
        var server: IPAddress
        var domain: Int32
        var version: Int32
        var next: Int32
    }

    /// Whether two addresses mean now what they meant in a minute: under each version from that minute's to the one that
    /// is asked they lie in the same places, the routes do the same with them, and the overlay wants the same of them.
    /// Else a sighting of that minute is evidence of another world.
    mutating func isOfThisWorld(client: IPAddress, server: IPAddress, domain: Int32, minute: Int64) -> Bool {
        let index = versions.index(ofMinute: minute)
        guard index < current else { return true }
        let outlook = Outlook(
            client: client, server: server, domain: domain, version: versions.frames[index].serial,
            next: frame.serial)
        if let known = outlooks[outlook] { return known }
        var isOfThisWorld = true
        for step in index..<current where isOfThisWorld {
            isOfThisWorld = isSame(client, server, domain, versions.frames[step], versions.frames[step + 1])
        }
        if outlooks.count >= cacheLimit { outlooks.removeAll(keepingCapacity: true) }
        outlooks[outlook] = isOfThisWorld
        return isOfThisWorld
    }

    /// Whether any version began after a minute, up to the one that is asked.
    package func hasChanged(since minute: Int64) -> Bool { versions.index(ofMinute: minute) < current }

    private mutating func isSame(
        _ client: IPAddress, _ server: IPAddress, _ domain: Int32, _ version: VersionFrame, _ next: VersionFrame
    ) -> Bool {
        if version.topology.version == next.topology.version { return true }
        let from = version.place(client, domain: domain).endpoint
        let nextFrom = next.place(client, domain: domain).endpoint
        let to = version.place(server, domain: domain).endpoint
        let nextTo = next.place(server, domain: domain).endpoint
        return from.group == nextFrom.group && from.isClient == nextFrom.isClient && to.group == nextTo.group
            && to.privateEndpoint == nextTo.privateEndpoint
            && wants(from, to, client, version) == wants(nextFrom, nextTo, client, next)
            && hasSamePaths(client, server, domain, version, next)
    }

    private func wants(_ from: Endpoint, _ to: Endpoint, _ client: IPAddress, _ frame: VersionFrame) -> Bool {
        guard let privateEndpoint = to.privateEndpoint, let subnet = from.group else { return false }
        return frame.topology.wantsInspection(
            privateEndpoint: privateEndpoint, clientSubnet: subnet, client: client)
    }

    private mutating func hasSamePaths(
        _ client: IPAddress, _ server: IPAddress, _ domain: Int32, _ version: VersionFrame, _ next: VersionFrame
    ) -> Bool {
        let (source, destination) = (client.routingAddress, server.routingAddress)
        let icmp = server.isIPv4 ? IPProtocol.icmp : IPProtocol.icmpV6
        for ipProtocol in [IPProtocol.tcp, IPProtocol.udp, icmp] {
            let facts = paths.facts(
                from: source, to: destination, domain: domain, ipProtocol: ipProtocol, in: version)
            let nextFacts = paths.facts(
                from: source, to: destination, domain: domain, ipProtocol: ipProtocol, in: next)
            if facts != nextFacts { return false }
        }
        return true
    }
}

extension Endpoint {
    fileprivate var privateEndpoint: String? { kind == .privateEndpoint ? id : nil }
}

/// The name under which clients ask for a private endpoint's service: `privatelink` is the zone's label, not theirs.
func publicName(_ name: String) -> String {
    name.lowercased().split(separator: ".").filter { $0 != "privatelink" }.joined(separator: ".")
}
