import FlowModel

/// The sums of one batch by minute and located endpoints, and what follows from their keys: coverage, and the clients
/// of firewalls. Keys hold the database's ids.
struct MinuteSums {
    struct Key: Hashable {
        /// Minutes since 1970.
        var minute: Int64
        var source: Int32
        /// -1 for each of these where the row has none.
        var observer: Int32
        var sourceEndpoint: Int32
        var destinationEndpoint: Int32
        var sourceObserver: Int32
        var destinationObserver: Int32
        /// 0 for all ports of the dynamic range.
        var port: Int32
        var ipProtocol: Int16
        var rank: UInt8
        var direction: FlowDirection
        var action: FlowAction
    }

    struct Sums {
        var flows: Int64 = 0
        var rowsWithCounters: Int64 = 0
        /// -1 while no row had the counter.
        var packetsSent: Int64 = -1
        var bytesSent: Int64 = -1
        var packetsReceived: Int64 = -1
        var bytesReceived: Int64 = -1
    }

    struct Coverage: Hashable {
        var minute: Int64
        var observer: Int32
        var source: Int32
        var rank: UInt8
    }

    struct FirewallClient: Hashable {
        /// Since 1970-01-01, UTC.
        var day: Int64
        var source: Int32
        var firewall: Int32
        var client: Int32
    }

    /// First port of the dynamic range (RFC 6335, section 6): no service listens there by registration, and a scan or a
    /// flow trace would make a key of each.
    static let firstDynamicPort: Int32 = 49_152

    private(set) var sums: [Key: Sums] = [:]

    mutating func add(_ row: FlowRow, _ place: Sighting, _ keys: RowKeys) {
        let key = Key(
            minute: floorDivide(row.time.microseconds, 60_000_000),
            source: row.source.isNone ? keys.noSource : keys.source[Int(row.source.index)],
            observer: id(place.observer, keys.observer),
            sourceEndpoint: id(place.source, keys.endpoint),
            destinationEndpoint: id(place.destination, keys.endpoint),
            sourceObserver: id(place.sourceObserver, keys.observer),
            destinationObserver: id(place.destinationObserver, keys.observer),
            port: row.destinationPort >= MinuteSums.firstDynamicPort ? 0 : row.destinationPort,
            ipProtocol: row.ipProtocol, rank: place.rank.rawValue, direction: row.direction, action: row.action)
        sums[key, default: Sums()].add(row)
    }

    private func id(_ index: Int32, _ keys: [Int32]) -> Int32 { index < 0 ? -1 : keys[Int(index)] }

    /// Who holds a row of whom in which minute; each once.
    var coverage: Set<Coverage> {
        var found: Set<Coverage> = []
        for key in sums.keys {
            found.insert(Coverage(minute: key.minute, observer: key.observer, source: key.source, rank: key.rank))
        }
        return found
    }

    /// Whose openings a firewall's rows hold on which day; each once.
    var firewallClients: Set<FirewallClient> {
        var found: Set<FirewallClient> = []
        let firewallRanks = [SourceRank.firewallStructured.rawValue, SourceRank.firewallLegacy.rawValue]
        for key in sums.keys where key.observer >= 0 && key.sourceObserver >= 0 && firewallRanks.contains(key.rank) {
            found.insert(
                FirewallClient(
                    day: floorDivide(key.minute, 1_440), source: key.source, firewall: key.observer,
                    client: key.sourceObserver))
        }
        return found
    }
}

extension MinuteSums.Sums {
    mutating func add(_ row: FlowRow) {
        flows += 1
        if row.packetsSent >= 0 || row.bytesSent >= 0 || row.packetsReceived >= 0 || row.bytesReceived >= 0 {
            rowsWithCounters += 1
        }
        packetsSent = sum(packetsSent, row.packetsSent)
        bytesSent = sum(bytesSent, row.bytesSent)
        packetsReceived = sum(packetsReceived, row.packetsReceived)
        bytesReceived = sum(bytesReceived, row.bytesReceived)
    }

    /// A log may claim any counter: the sum stops at the largest number instead of trapping.
    private func sum(_ total: Int64, _ value: Int64) -> Int64 {
        guard value >= 0 else { return total }
        guard total >= 0 else { return value }
        let (result, overflow) = total.addingReportingOverflow(value)
        return overflow ? .max : result
    }
}
