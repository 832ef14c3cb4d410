import Correlate
import FlowModel
import Topology

/// Names and figures as findings write them.
struct Wording {
    let topology: Topology

    func name(_ id: String) -> String {
        let name = topology.name(of: id).name
        return name.isEmpty ? id : name
    }

    /// `hub-fw`, `hub-fw and spoke-fw`.
    func names(_ ids: [String]) -> String { ids.map(name).joined(separator: " and ") }

    func names(of ids: Set<String>) -> [String: Finding.Name] {
        var names: [String: Finding.Name] = [:]
        for id in ids where !id.isEmpty { names[id] = topology.name(of: id) }
        return names
    }

    /// `10.2.2.5/32 (system, InterfaceEndpoint)`.
    func text(of route: ConsideredRoute) -> String {
        let hop = route.nextHop.map { " \($0)" } ?? ""
        return "\(route.prefix) (\(route.source), \(route.nextHopType)\(hop))"
    }

    /// Where the way there is decided: the subnet of the first route that won, else `client`.
    func decidingSubnet(of explanation: Explanation, client: String) -> String {
        explanation.routes.first(where: \.chosen)?.subnet ?? client
    }

    /// By which alerts group: the subnet's route table, or the subnet where it has none.
    func cause(ofSubnet id: String) -> String { topology.routeTable(ofSubnet: id) ?? id }

    /// The command that shows the routes; the operator puts the topology's path in.
    func explainCommand(from: IPAddress, to: IPAddress, fromGroup: String, ipProtocol: Int16) -> String {
        // Where one address may live in several routing domains, the subnet says which is meant.
        let isAmbiguous = topology.placement.domains.count > 1 && fromGroup.hasPrefix("/")
        let scope = isAmbiguous ? "@\(fromGroup)" : ""
        return "flowsight explain --topology TOPOLOGY --from \(from)\(scope) --to \(to) "
            + "--protocol \(IPProtocol.name(ipProtocol))"
    }

    /// Bytes of one minute as Mbit/s, rounded to whole ones.
    static func mbps(_ bytesPerMinute: Int64) -> String { "\((bytesPerMinute + 3_750_000) / 7_500_000) Mbit/s" }

    static func percent(_ part: Int64, of whole: Int64) -> Int64 {
        whole > 0 ? Int64((Double(part) / Double(whole) * 100).rounded()) : 0
    }

    static func count(_ number: Int64, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension Finding {
    /// At most `clientLimit`, most sessions first, then by address.
    static func clients(_ sums: [IPAddress: (sessions: Int64, bytes: Int64?)]) -> [Client] {
        let sorted = sums.filter { !$0.key.isNone }.sorted {
            $0.value.sessions == $1.value.sessions ? $0.key < $1.key : $0.value.sessions > $1.value.sessions
        }
        return sorted.prefix(clientLimit).map {
            Client(address: $0.key.description, sessions: $0.value.sessions, bytes: $0.value.bytes)
        }
    }
}

extension EvidenceRow {
    /// The row as a finding shows it.
    func evidence(_ what: String, in correlator: Correlator) -> Finding.Evidence {
        Finding.Evidence(
            source: correlator.register.names[source], time: time, recordHash: hash.description,
            ordinal: Int64(ordinal), vantage: correlator.register.names[vantage],
            sourceAddress: sourceAddress.isNone ? nil : sourceAddress.description,
            destinationAddress: destinationAddress.isNone ? nil : destinationAddress.description,
            ipProtocol: IPProtocol.name(ipProtocol),
            destinationPort: destinationPort < 0 ? nil : Int64(destinationPort),
            bytesSent: bytesSent < 0 ? nil : bytesSent, bytesReceived: bytesReceived < 0 ? nil : bytesReceived,
            what: what)
    }
}

extension Correlator {
    /// Why a finding's subject cannot contradict any more: what it names is not in the topology; nil where all of it is.
    /// An empty topology says nothing about what there is.
    func lackOfSubject(of finding: Finding) -> String? {
        guard !topology.version.isEmpty else { return nil }
        let ids = finding.subject.filter { $0.key != "limit" }.values.sorted()
        return ids.first { !topology.holds($0) }.map { "the topology changed and does not hold \($0) any more" }
    }

    /// The subject of a finding about a private endpoint; nil where no sighting named it yet.
    func pairSubject(of finding: Finding) -> PairSubject? {
        guard let endpoint = finding.subject["private_endpoint"], let subnet = finding.subject["client_subnet"],
            let endpointNumber = register.names.number(of: endpoint),
            let subnetNumber = register.names.number(of: subnet)
        else { return nil }
        return PairSubject(privateEndpoint: endpointNumber, clientSubnet: subnetNumber)
    }

    /// Whether every log that a finding rests on has spoken in these minutes: flow logs by name, firewalls by their
    /// network-rule log.
    func speaks(evidenceOf finding: Finding, in numbers: Range<Int64>) -> Bool {
        !finding.evidence.isEmpty
            && finding.evidence.allSatisfy { row in
                if let firewall = register.paths.firewallNumber(row.vantage) {
                    return speaks(firewall: firewall, in: numbers)
                }
                return speaks(log: row.source, in: numbers)
            }
    }
}
