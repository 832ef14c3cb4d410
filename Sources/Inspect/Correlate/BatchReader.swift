import FlowModel
import Topology

/// Reads the rows of one batch into minutes. The batch's own numbers are translated once, not once a row.
struct BatchReader {
    let batch: SightingBatch
    let settings: CorrelateSettings
    private var textNumbers: [Int32: Int32] = [:]
    private var observerNumbers: [Int32]
    private var groups: [Int32: Int32] = [:]
    /// By the version that was asked last: a row's vantage point may be a firewall in one and nothing in another.
    private var firewalls: [Int32: Int32] = [:]
    private var version: Int32 = -1

    init(batch: SightingBatch, settings: CorrelateSettings) {
        self.batch = batch
        self.settings = settings
        observerNumbers = Array(repeating: -2, count: batch.observers.count)
    }

    /// Takes a row up, by the version of the topology that `register` has been turned to.
    mutating func take(_ index: Int, into minute: inout Minute, register: inout Register) {
        let row = batch.flows.rows[index]
        var sighting = batch.sightings[index]
        sighting.domain = register.frame.domain(sighting.domain)
        if version != register.frame.serial {
            version = register.frame.serial
            firewalls.removeAll(keepingCapacity: true)
        }
        minute.sightings += 1
        if row.format.isFlowLog {
            takeFlowLog(row, sighting, into: &minute, register: &register)
        } else if let firewall = firewall(of: row, register: register) {
            takeFirewall(row, sighting, firewall: firewall, into: &minute, register: &register)
        }
    }

    // MARK: Flow logs

    private mutating func takeFlowLog(
        _ row: FlowRow, _ sighting: Sighting, into minute: inout Minute, register: inout Register
    ) {
        let log = text(row.source, register: &register)
        let observer = observer(sighting.observer, register: &register)
        minute.logs.insert(log)
        cover(observer, by: log, rank: sighting.rank, in: &minute, register: register)
        // An appliance's NIC is neither end of what it logs, and a denied flow went nowhere.
        guard sighting.rank != .never, row.action != .deny, row.state != .deny, sighting.source >= 0,
            sighting.destination >= 0, sighting.domain >= 0, !isPlatform(row)
        else { return }
        let path = path(of: row, sighting, register: &register)
        let view = FlowView(row: row, sighting: sighting, log: log, observer: observer, path: path)
        takeLoad(view, into: &minute, register: &register)
        takeClientTCP(view, into: &minute, register: &register)
        takeAnswer(view, into: &minute, register: &register)
    }

    private func cover(
        _ observer: Int32, by log: Int32, rank: SourceRank, in minute: inout Minute, register: Register
    ) {
        guard observer >= 0, rank != .never else { return }
        if let cover = minute.covered[observer] {
            guard rank < cover.rank || (rank == cover.rank && register.names[log] < register.names[cover.log]) else {
                return
            }
        }
        minute.covered[observer] = Minute.Cover(rank: rank, log: log)
    }

    private mutating func takeLoad(_ view: FlowView, into minute: inout Minute, register: inout Register) {
        let source = batch.endpoints[Int(view.sighting.source)]
        let translating = source.subnet.flatMap { register.frame.firewallSubnets[$0] }
        var crossing = view.path.crossing
        if crossing < 0, let translating { crossing = register.paths.crossing([translating]) }
        guard crossing >= 0 else { return }
        let volume = Volume(sent: view.bytesSent, received: view.bytesReceived)
        let key = FlowKey(
            session: view.session, log: view.log, observer: view.observer,
            initiator: observer(view.sighting.sourceObserver, register: &register), crossing: crossing,
            sourceRank: view.sighting.rank, isInbound: view.row.direction == .inbound,
            isTranslated: translating != nil && view.row.direction == .inbound)
        minute.flows.merge(
            key,
            FlowMinute(
                first: view.row.time, firstVolume: volume, firstBegins: view.row.state == .begin, last: view.row.time,
                lastEnds: view.row.state == .end))
        if volume.total >= register.evidenceBytes(crossing: crossing) {
            let row = evidence(of: view.row, register: &register)
            minute.flowEvidence[crossing, default: EvidenceSample(limit: settings.evidencePerMinute)].insert(row)
        }
    }

    private mutating func takeClientTCP(_ view: FlowView, into minute: inout Minute, register: inout Register) {
        guard view.row.ipProtocol == IPProtocol.tcp,
            let subject = pairSubject(view.sighting, destination: view.sighting.destination, register: &register)
        else { return }
        let client = PairClient(
            address: view.row.sourceAddress, server: view.row.destinationAddress, domain: view.sighting.domain,
            ipProtocol: view.row.ipProtocol, firewall: -1, log: view.log, observer: view.observer,
            clientObserver: observer(view.sighting.sourceObserver, register: &register),
            sourceRank: view.sighting.rank)
        let counts = PairCounts(
            first: view.row.time, last: view.row.time, begins: view.row.state == .begin ? 1 : 0,
            bytesSent: view.bytesSent, bytesReceived: view.bytesReceived)
        let row = evidence(of: view.row, register: &register)
        let isWanted = register.isWanted(subject, client: view.row.sourceAddress)
        edit(&minute.pairs, subject, PairMinute(settings)) { pair in
            pair.clientTCP.merge(client, counts)
            pair.isWanted = pair.isWanted || isWanted
            pair.sessions.merge(view.session, view.counts)
            pair.note(view.counts)
            pair.sample(row, as: .clientTCP, limit: settings.evidencePerMinute)
        }
    }

    /// Takes what the answering machine logs of a session whose way back differs from the way there.
    private mutating func takeAnswer(_ view: FlowView, into minute: inout Minute, register: inout Register) {
        // Of UDP nobody says that a firewall drops an answer: its rules may allow it as a flow of its own.
        guard view.row.direction == .inbound, view.row.ipProtocol == IPProtocol.tcp, view.path.symmetric == false,
            let subject = directionSubject(view.sighting.source, view.sighting.destination, register: &register)
        else { return }
        let row = evidence(of: view.row, register: &register)
        edit(&minute.directions, subject, DirectionMinute(settings)) { direction in
            direction.answered.merge(view.session, view.counts)
            if view.counts.answered != nil { direction.evidence.insert(row) }
        }
    }

    // MARK: Firewalls

    private mutating func takeFirewall(
        _ row: FlowRow, _ sighting: Sighting, firewall: Int32, into minute: inout Minute, register: inout Register
    ) {
        if row.format == .azfwNetworkRule || row.format == .azfwLegacyNetworkRule {
            minute.speakingFirewalls.insert(firewall)
            if row.format == .azfwNetworkRule { minute.structuredFirewalls.insert(firewall) }
        }
        guard sighting.domain >= 0, sighting.source >= 0, !isPlatform(row) else { return }
        if row.format == .azfwFlowTrace {
            takeTrace(row, sighting, firewall: firewall, into: &minute, register: &register)
        } else if row.format.isSession, row.eventCount == 1 {
            takeOpening(row, sighting, firewall: firewall, into: &minute, register: &register)
            takePair(row, sighting, firewall: firewall, into: &minute, register: &register)
        }
    }

    private mutating func takePair(
        _ row: FlowRow, _ sighting: Sighting, firewall: Int32, into minute: inout Minute, register: inout Register
    ) {
        for target in pairTargets(row, sighting, register: register) {
            guard
                let subject = pairSubject(
                    sighting, privateEndpoint: target.privateEndpoint, register: &register)
            else { continue }
            let client = PairClient(
                address: row.sourceAddress, server: target.address, domain: sighting.domain,
                ipProtocol: row.ipProtocol, firewall: firewall, log: -1, observer: -1,
                clientObserver: observer(sighting.sourceObserver, register: &register), sourceRank: sighting.rank)
            let counts = PairCounts(first: row.time, last: row.time, begins: 1, bytesSent: 0, bytesReceived: 0)
            let probe = PairEvidence.probe(row.ipProtocol)
            guard probe != nil || row.ipProtocol == IPProtocol.tcp else { continue }
            let sample = evidence(of: row, register: &register)
            let session = SessionKey(
                client: row.sourceAddress, server: target.address, clientPort: row.sourcePort,
                serverPort: row.destinationPort, domain: sighting.domain, ipProtocol: row.ipProtocol)
            edit(&minute.pairs, subject, PairMinute(settings)) { pair in
                if let probe {
                    pair.probes.merge(client, counts)
                    pair.sample(sample, as: probe, limit: settings.evidencePerMinute)
                } else {
                    pair.firewallTCP.merge(client, counts)
                    guard row.action == .allow else { return }
                    pair.reached.merge(
                        FirewallSession(session: session, firewall: firewall),
                        SeenSpan(first: row.time, last: row.time))
                    pair.sample(sample, as: .firewallTCP, limit: settings.evidencePerMinute)
                }
            }
        }
    }

    private mutating func takeOpening(
        _ row: FlowRow, _ sighting: Sighting, firewall: Int32, into minute: inout Minute, register: inout Register
    ) {
        for server in [
            (row.destinationAddress, row.destinationPort), (row.natDestinationAddress, row.natDestinationPort),
        ]
        where !server.0.isNone {
            let session = SessionKey(
                client: row.sourceAddress, server: server.0, clientPort: row.sourcePort, serverPort: server.1,
                domain: sighting.domain, ipProtocol: row.ipProtocol)
            let path = register.paths.facts(of: session)
            guard path.symmetric == false,
                let subject = directionSubject(of: session, register: &register)
            else { continue }
            edit(&minute.directions, subject, DirectionMinute(settings)) { direction in
                direction.openings.merge(
                    FirewallSession(session: session, firewall: firewall), SeenSpan(first: row.time, last: row.time))
            }
        }
    }

    /// Takes an answer that a firewall has no state for: its source is the answering machine.
    private mutating func takeTrace(
        _ row: FlowRow, _ sighting: Sighting, firewall: Int32, into minute: inout Minute, register: inout Register
    ) {
        guard row.ipProtocol == IPProtocol.tcp, !row.destinationAddress.isNone, let flag = strayFlag(row.tcpFlags)
        else {
            return
        }
        let session = SessionKey(
            client: row.destinationAddress, server: row.sourceAddress, clientPort: row.destinationPort,
            serverPort: row.sourcePort, domain: sighting.domain, ipProtocol: row.ipProtocol)
        let path = register.paths.facts(of: session)
        guard path.symmetric == false, path.back.contains(firewall), !path.forward.contains(firewall),
            let subject = directionSubject(of: session, register: &register)
        else { return }
        let sample = evidence(of: row, register: &register)
        let span = SeenSpan(first: row.time, last: row.time, answer: flag == .synAck ? row.time : nil)
        edit(&minute.directions, subject, DirectionMinute(settings)) { direction in
            direction.strays.merge(FirewallSession(session: session, firewall: firewall), span)
            direction.strayEvidence.insert(sample)
        }
    }

    private enum StrayFlag { case synAck, invalid }

    /// `INVALID` marks a packet without state, `SYN-ACK` an answer; either without an opening is a stray.
    private func strayFlag(_ flags: TextID) -> StrayFlag? {
        guard let text = batch.flows.texts.string(flags)?.uppercased() else { return nil }
        if text.contains("SYN-ACK") || text.contains("SYN ACK") { return .synAck }
        return text.contains("INVALID") ? .invalid : nil
    }
}

// MARK: Translating the batch's numbers

extension BatchReader {
    private mutating func text(_ id: TextID, register: inout Register) -> Int32 {
        if let number = textNumbers[id.index] { return number }
        let number = batch.flows.texts.string(id).map { register.names.number($0) } ?? NameTable.unknown
        textNumbers[id.index] = number
        return number
    }

    private mutating func observer(_ index: Int32, register: inout Register) -> Int32 {
        guard index >= 0 else { return -1 }
        if observerNumbers[Int(index)] == -2 {
            observerNumbers[Int(index)] = register.number(of: batch.observers[Int(index)])
        }
        return observerNumbers[Int(index)]
    }

    private mutating func firewall(of row: FlowRow, register: Register) -> Int32? {
        if let known = firewalls[row.vantage.index] { return known < 0 ? nil : known }
        let index = batch.flows.texts.string(row.vantage).flatMap { register.paths.firewallNumber($0) }
        firewalls[row.vantage.index] = index ?? -1
        return index
    }

    private func path(of row: FlowRow, _ sighting: Sighting, register: inout Register) -> PathFacts {
        register.paths.facts(
            from: row.sourceAddress.routingAddress, to: row.destinationAddress.routingAddress,
            domain: sighting.domain, ipProtocol: row.ipProtocol)
    }

    /// Health probes and platform traffic: one-sided by nature (`E,..,1,128,0,0`), right in every network.
    private func isPlatform(_ row: FlowRow) -> Bool {
        row.sourceAddress == .platform || row.destinationAddress == .platform
            || batch.flows.texts.utf8(row.rule).elementsEqual("PlatformRule".utf8)
    }

    private mutating func evidence(of row: FlowRow, register: inout Register) -> EvidenceRow {
        EvidenceRow(
            hash: batch.flows.records[Int(row.record)].hash, ordinal: max(row.tuple, 0), time: row.time,
            source: text(row.source, register: &register), vantage: text(row.vantage, register: &register),
            sourceAddress: row.sourceAddress, destinationAddress: row.destinationAddress, sourcePort: row.sourcePort,
            destinationPort: row.destinationPort, ipProtocol: row.ipProtocol, bytesSent: row.bytesSent,
            bytesReceived: row.bytesReceived, format: row.format, action: row.action)
    }

    // MARK: Subjects

    private mutating func pairSubject(
        _ sighting: Sighting, destination: Int32, register: inout Register
    ) -> PairSubject? {
        let endpoint = batch.endpoints[Int(destination)]
        guard endpoint.kind == .privateEndpoint else { return nil }
        return pairSubject(sighting, privateEndpoint: endpoint.id, register: &register)
    }

    private mutating func pairSubject(
        _ sighting: Sighting, privateEndpoint: String, register: inout Register
    ) -> PairSubject? {
        guard batch.endpoints[Int(sighting.source)].isClient,
            let group = group(sighting.source, register: &register)
        else { return nil }
        return PairSubject(privateEndpoint: register.names.number(privateEndpoint), clientSubnet: group)
    }

    /// The private endpoints that a firewall's row is about: by address, by translation, or by the name asked for.
    private func pairTargets(
        _ row: FlowRow, _ sighting: Sighting, register: Register
    ) -> [(privateEndpoint: String, address: IPAddress)] {
        if sighting.destination >= 0 {
            let endpoint = batch.endpoints[Int(sighting.destination)]
            if endpoint.kind == .privateEndpoint { return [(endpoint.id, row.destinationAddress)] }
        }
        if !row.natDestinationAddress.isNone {
            let endpoint = register.frame.place(row.natDestinationAddress, domain: sighting.domain).endpoint
            if endpoint.kind == .privateEndpoint { return [(endpoint.id, row.natDestinationAddress)] }
        }
        // Application rules name the service and no address; a name of several private endpoints counts for each,
        // because a firewall that may have seen the TCP is never said to have seen none.
        guard row.destinationAddress.isNone, let name = batch.flows.texts.string(row.fqdn) else { return [] }
        return (register.frame.privateEndpointNames[publicName(name)] ?? []).map { index in
            let endpoint = register.topology.privateEndpoints[index]
            return (endpoint.id, endpoint.addresses.first ?? .none)
        }
    }

    private mutating func directionSubject(
        _ source: Int32, _ destination: Int32, register: inout Register
    ) -> DirectionSubject? {
        guard let from = group(source, register: &register), let to = group(destination, register: &register) else {
            return nil
        }
        return DirectionSubject(from: from, to: to)
    }

    private func directionSubject(of session: SessionKey, register: inout Register) -> DirectionSubject? {
        let from = register.frame.place(session.client, domain: session.domain).endpoint
        let to = register.frame.place(session.server, domain: session.domain).endpoint
        guard let fromName = from.group, let toName = to.group else { return nil }
        return DirectionSubject(from: register.names.number(fromName), to: register.names.number(toName))
    }

    private mutating func group(_ endpoint: Int32, register: inout Register) -> Int32? {
        if let known = groups[endpoint] { return known < 0 ? nil : known }
        let number = batch.endpoints[Int(endpoint)].group.map { register.names.number($0) }
        groups[endpoint] = number ?? -1
        return number
    }
}
