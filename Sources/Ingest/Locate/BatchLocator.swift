internal import FlowModel

/// Locates the rows of one batch: the topology's tables, and behind them what only this batch knows.
///
/// Per row it makes no text: ids are looked up once for each text of the batch, addresses by hash probes.
struct BatchLocator {
    private let placement: Placement
    private(set) var endpoints: SharedTable<Endpoint>
    private(set) var observers: SharedTable<Observer>
    private var vantages: [Vantage?]
    /// Observers of MACs that the topology does not know, one for each routing domain they were seen in.
    private var strangers: [Stranger: Int32] = [:]
    private var strangeFirewalls: [String: Int32] = [:]
    private var publicEndpoint: Int32 = -1
    private var unknownEndpoints: [Int32: Int32] = [:]

    private struct Stranger: Hashable {
        let mac: UInt64
        let domain: Int32
    }

    init(placement: Placement, textCount: Int) {
        self.placement = placement
        endpoints = SharedTable(placement.endpoints)
        observers = SharedTable(placement.observers)
        vantages = Array(repeating: nil, count: textCount)
    }

    mutating func sighting(of row: FlowRow, in texts: TextPool) -> Sighting {
        let vantage = vantage(row.vantage, in: texts)
        let observer = row.format.isFlowLog ? nic(of: row, at: vantage) : firewall(of: row, at: vantage, in: texts)
        let domain = vantage.domain < 0 && observer >= 0 ? observers[Int(observer)].domain : vantage.domain
        let source = endpoint(row.sourceAddress, domain: domain)
        let destination = endpoint(row.destinationAddress, domain: domain)
        return Sighting(
            domain: domain, source: source, destination: destination, observer: observer,
            sourceObserver: source < 0 ? -1 : endpoints[Int(source)].observer,
            destinationObserver: destination < 0 ? -1 : endpoints[Int(destination)].observer,
            rank: rank(of: row, at: vantage, observer: observer))
    }

    private mutating func vantage(_ id: TextID, in texts: TextPool) -> Vantage {
        guard !id.isNone else { return Vantage(domain: -1, observer: -1, flowLogRank: nil) }
        if let known = vantages[Int(id.index)] { return known }
        let text = texts.string(id) ?? ""
        let vantage = Vantage(
            domain: placement.vantageDomains[text] ?? -1, observer: placement.vantageObservers[text] ?? -1,
            flowLogRank: Vantage.flowLogRank(of: texts.utf8(id)))
        vantages[Int(id.index)] = vantage
        return vantage
    }

    /// The NIC behind a flow log's row: by MAC, which the log writes for each record; else the vantage point itself.
    private mutating func nic(of row: FlowRow, at vantage: Vantage) -> Int32 {
        guard row.mac != 0 else { return vantage.observer }
        if let known = placement.macs[row.mac] { return known }
        if vantage.observer >= 0 { return vantage.observer }
        let stranger = Stranger(mac: row.mac, domain: vantage.domain)
        if let known = strangers[stranger] { return known }
        let index = add(Observer(kind: .nic, key: macText(row.mac), forwards: false, domain: vantage.domain))
        strangers[stranger] = index
        return index
    }

    private mutating func firewall(of row: FlowRow, at vantage: Vantage, in texts: TextPool) -> Int32 {
        if vantage.observer >= 0 { return vantage.observer }
        guard let id = texts.string(row.vantage) else { return -1 }
        if let known = strangeFirewalls[id] { return known }
        let index = add(Observer(kind: .firewall, key: id, forwards: false, domain: vantage.domain))
        strangeFirewalls[id] = index
        return index
    }

    private mutating func add(_ observer: Observer) -> Int32 {
        observers.append(observer)
        return Int32(observers.count - 1)
    }

    private mutating func endpoint(_ address: IPAddress, domain: Int32) -> Int32 {
        guard !address.isNone else { return -1 }
        if domain >= 0, Int(domain) < placement.domains.count,
            let known = placement.domains[Int(domain)].longestMatch(address)
        {
            return known
        }
        return address.isPrivate ? unknownEndpoint(domain: domain) : makePublicEndpoint()
    }

    private mutating func makePublicEndpoint() -> Int32 {
        if publicEndpoint < 0 {
            publicEndpoint = add(
                Endpoint(kind: .public, id: "public", name: "public", subnet: nil, domain: -1, observer: -1))
        }
        return publicEndpoint
    }

    private mutating func unknownEndpoint(domain: Int32) -> Int32 {
        if let known = unknownEndpoints[domain] { return known }
        let index = add(
            Endpoint(kind: .unknown, id: "unknown", name: "unknown", subnet: nil, domain: domain, observer: -1))
        unknownEndpoints[domain] = index
        return index
    }

    private mutating func add(_ endpoint: Endpoint) -> Int32 {
        endpoints.append(endpoint)
        return Int32(endpoints.count - 1)
    }

    /// Which of several rows of one flow may count (design: counted once).
    private func rank(of row: FlowRow, at vantage: Vantage, observer: Int32) -> SourceRank {
        guard row.format.isSession, row.eventCount == 1 else { return .never }
        guard row.format.isFlowLog else { return row.format.isLegacy ? .firewallLegacy : .firewallStructured }
        // A NIC that forwards is neither end of what it logs.
        if observer >= 0, observers[Int(observer)].forwards { return .never }
        return vantage.flowLogRank ?? (row.format == .vnetV4 ? .vnet : .nsg)
    }
}

/// 12 upper-case hex digits, as flow logs write a MAC.
private func macText(_ mac: UInt64) -> String {
    let digits = String(mac, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
}
