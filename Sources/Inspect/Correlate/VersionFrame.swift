package import FlowModel
package import Topology

/// One version of the topology, with numbers of firewalls and routing domains that stay over versions.
///
/// A firewall is its id. A routing domain is the one that holds the least VNet id which this version and the one before
/// both know. Making a frame takes time that grows with the topology: it is done away from the rows.
package struct VersionFrame: Sendable {
    package let topology: Topology
    /// The first minute it judges; the first known version has judged for ever.
    package let firstMinute: Int64
    /// Unlike that of any other frame that the same correlator knows.
    let serial: Int32
    /// Firewall of this version → number.
    private let firewallNumbers: [String: Int32]
    /// Number → firewall of this version.
    package let firewalls: [Int32: Firewall]
    /// Routing domain as the topology numbers it → number that stays.
    private let domains: [Int32]
    private let topologyDomains: [Int32: Int32]
    /// All firewalls of this and earlier frames.
    private let knownFirewalls: [String: Int32]
    private let nextDomain: Int32
    /// Public name → private endpoints, as indexes into `Topology.privateEndpoints`.
    let privateEndpointNames: [String: [Int]]
    /// Subnet → number of the firewall in it.
    let firewallSubnets: [String: Int32]

    /// - Parameter previous: the version that judges before this one; nil for the first.
    init(_ topology: Topology, from firstMinute: Int64, serial: Int32 = 0, after previous: VersionFrame? = nil) {
        self.topology = topology
        self.firstMinute = firstMinute
        self.serial = serial
        var known = previous?.knownFirewalls ?? [:]
        var numbers: [String: Int32] = [:]
        var firewalls: [Int32: Firewall] = [:]
        var subnets: [String: Int32] = [:]
        for firewall in topology.firewalls {
            let number = known[firewall.id] ?? Int32(known.count)
            known[firewall.id] = number
            numbers[firewall.id] = number
            firewalls[number] = firewall
            if let subnet = firewall.subnet, subnets[subnet] == nil { subnets[subnet] = number }
        }
        (firewallNumbers, self.firewalls, knownFirewalls, firewallSubnets) = (numbers, firewalls, known, subnets)
        var names: [String: [Int]] = [:]
        for (index, endpoint) in topology.privateEndpoints.enumerated() {
            for name in endpoint.names { names[publicName(name), default: []].append(index) }
        }
        privateEndpointNames = names
        var aliases: [Int32: Int32] = [:]
        var domains = Array(repeating: Int32(-1), count: topology.placement.domains.count)
        for (number, domain) in previous?.survivingDomains(in: topology) ?? [] {
            aliases[number] = domain
            if domains[Int(domain)] < 0 { domains[Int(domain)] = number }
        }
        var next = previous?.nextDomain ?? 0
        for index in domains.indices where domains[index] < 0 {
            domains[index] = next
            aliases[next] = Int32(index)
            next += 1
        }
        (self.domains, topologyDomains, nextDomain) = (domains, aliases, next)
    }

    /// Numbers of my routing domains and the domain of the next version that goes on with each, in the order of the
    /// least VNets that both versions know.
    private func survivingDomains(in next: Topology) -> [(number: Int32, domain: Int32)] {
        var anchors: [Int32: String] = [:]
        for (vnet, domain) in topology.vnetDomains {
            guard next.vnetDomains[vnet] != nil else { continue }
            let number = self.domain(domain)
            if anchors[number].map({ vnet < $0 }) ?? true { anchors[number] = vnet }
        }
        return anchors.sorted { $0.value < $1.value }.compactMap { number, vnet in
            next.vnetDomains[vnet].map { (number, $0) }
        }
    }

    /// The number that stays, of a domain as the topology numbers it; -1 for none.
    package func domain(_ topologyDomain: Int32) -> Int32 {
        topologyDomain >= 0 && Int(topologyDomain) < domains.count ? domains[Int(topologyDomain)] : -1
    }

    /// The number of a firewall; nil where this version does not hold it.
    package func firewallNumber(_ id: String) -> Int32? { firewallNumbers[id] }

    /// The firewalls of this version with their numbers, in the order of their ids.
    package var numberedFirewalls: [(number: Int32, firewall: Firewall)] {
        topology.firewalls.compactMap { firewall in firewallNumbers[firewall.id].map { ($0, firewall) } }
    }

    /// What an address is in a domain.
    package func place(_ address: IPAddress, domain: Int32) -> Place {
        topology.place(address, domain: topologyDomains[domain] ?? -1)
    }
}

/// The versions of the topology that judge what is in memory, ascending; at least one.
package struct TopologyVersions: Sendable {
    package private(set) var frames: [VersionFrame]
    /// Minutes before this one are older than the first version of all, which judges them too; nil where none are.
    package let knownSince: Int64?
    private var nextSerial: Int32 = 1
    /// The first minute and version that these were begun with.
    private let birth: Birth

    fileprivate struct Birth: Sendable, Hashable {
        var minute: Int64
        var version: String
    }

    /// The oldest version that is needed, or the only one.
    /// - Parameters:
    ///   - firstMinute: the first minute that it judges; the first version of all judges for ever.
    ///   - knownSince: the first minute that the first version of all judges by right.
    package init(_ topology: Topology, from firstMinute: Int64 = .min, knownSince: Int64? = nil) {
        self.knownSince = knownSince
        frames = [VersionFrame(topology, from: firstMinute)]
        birth = Birth(minute: firstMinute, version: topology.version)
    }

    /// Tells these versions from others with a newer one, or made anew.
    package var newest: Edition {
        Edition(
            birth: birth, serial: nextSerial, version: frames.last?.topology.version ?? "",
            firstMinute: frames.last?.firstMinute ?? .min)
    }

    /// What `newest` tells apart.
    package struct Edition: Sendable, Hashable {
        fileprivate var birth: Birth
        fileprivate var serial: Int32
        fileprivate var version: String
        fileprivate var firstMinute: Int64
    }

    /// These versions, and a later one. Of two that begin in the same minute the later one judges it, and the other one
    /// nothing.
    package func appending(_ topology: Topology, from firstMinute: Int64) -> TopologyVersions {
        var versions = self
        while let last = versions.frames.last, last.firstMinute >= firstMinute { versions.frames.removeLast() }
        versions.frames.append(
            VersionFrame(topology, from: firstMinute, serial: nextSerial, after: versions.frames.last))
        versions.nextSerial += 1
        return versions
    }

    /// Index into `frames` of the version that judges a minute.
    func index(ofMinute number: Int64) -> Int {
        // Nearly everything is of the last version.
        var index = frames.count - 1
        while index > 0, frames[index].firstMinute > number { index -= 1 }
        return index
    }

    /// Forgets versions that judge no minute from this one on; they are given back, so that who has time frees them.
    package mutating func forget(before number: Int64) -> [VersionFrame] {
        let first = index(ofMinute: number)
        guard first > 0 else { return [] }
        let old = Array(frames[..<first])
        frames.removeFirst(first)
        return old
    }
}
