import FlowModel
import Locate
import Topology

/// One log line, not yet in any batch: it can be delivered in any order.
struct LogLine: Sendable {
    let time: EventTime
    let hash: RecordHash
    let append: @Sendable (inout FlowBatch, RecordHash) -> Void
}

/// Writes the logs of the network, line by line. Times are seconds after `start`.
struct Logs {
    static let start = EventTime("2026-03-02T10:00:00Z") ?? EventTime(seconds: 0)

    private(set) var lines: [LogLine] = []
    private var seed: SplitMix

    init(seed: UInt64 = 0x5eed) { self.seed = SplitMix(state: seed) }

    mutating func add(_ other: Logs) { lines += other.lines }

    enum Side { case client, server }

    /// A row of a VNet flow log, taken at the client's NIC (out) or at the answering machine's (in).
    mutating func flow(
        _ seconds: Double, _ client: String, _ clientPort: Int32, _ server: String, _ serverPort: Int32,
        ipProtocol: Int16 = IPProtocol.tcp, state: FlowState, sent: (packets: Int64, bytes: Int64) = (0, 0),
        received: (packets: Int64, bytes: Int64) = (0, 0), at side: Side = .client,
        mac: UInt64 = Network.applicationMAC,
        log: String = Network.flowLog, vantage: String = Network.spoke, rule: String = "DefaultRule_AllowVnetOutBound"
    ) {
        add(seconds) { [time = time(seconds)] batch, hash in
            var row = FlowRow(format: .vnetV4)
            row.time = time
            row.source = batch.texts.intern(log)
            row.vantage = batch.texts.intern(vantage)
            row.rule = batch.texts.intern(rule)
            row.mac = mac
            row.sourceAddress = IPAddress(client) ?? .none
            row.destinationAddress = IPAddress(server) ?? .none
            (row.sourcePort, row.destinationPort, row.ipProtocol) = (clientPort, serverPort, ipProtocol)
            row.direction = side == .client ? .outbound : .inbound
            row.action = state == .deny ? .deny : .allow
            row.state = state
            (row.packetsSent, row.bytesSent) = sent
            (row.packetsReceived, row.bytesReceived) = received
            batch.append(row, hash: hash)
        }
    }

    /// A row of the firewall's network-rule log, or another of its logs.
    mutating func firewall(
        _ seconds: Double, _ source: String, _ sourcePort: Int32, _ destination: String?, _ destinationPort: Int32,
        ipProtocol: Int16 = IPProtocol.tcp, action: FlowAction = .allow, format: LogFormat = .azfwNetworkRule,
        flags: String? = nil, fqdn: String? = nil
    ) {
        add(seconds) { [time = time(seconds)] batch, hash in
            var row = FlowRow(format: format)
            row.time = time
            row.source = batch.texts.intern(Network.firewall + "#\(format.name)")
            row.vantage = batch.texts.intern(Network.firewall)
            row.sourceAddress = IPAddress(source) ?? .none
            row.destinationAddress = destination.flatMap { IPAddress($0) } ?? .none
            (row.sourcePort, row.destinationPort, row.ipProtocol) = (sourcePort, destinationPort, ipProtocol)
            row.action = action
            if let flags { row.tcpFlags = batch.texts.intern(flags) }
            if let fqdn { row.fqdn = batch.texts.intern(fqdn) }
            batch.append(row, hash: hash)
        }
    }

    mutating func processed(_ seconds: Double, bytes: Double) {
        add(seconds) { [time = time(seconds)] batch, hash in
            let record = batch.add(hash: hash, time: time)
            var point = MetricPoint(
                time: time, name: batch.texts.intern("DataProcessed"), vantage: batch.texts.intern(Network.firewall),
                timeGrain: batch.texts.intern("PT1M"), record: record)
            point.total = bytes
            batch.metrics.append(point)
        }
    }

    private func time(_ seconds: Double) -> EventTime {
        EventTime(microseconds: Logs.start.microseconds + Int64(seconds * 1_000_000))
    }

    private mutating func add(_ seconds: Double, _ append: @escaping @Sendable (inout FlowBatch, RecordHash) -> Void) {
        let hash = RecordHash(upper: seed.next(), lower: seed.next())
        lines.append(LogLine(time: time(seconds), hash: hash, append: append))
    }
}

extension FlowBatch {
    fileprivate mutating func append(_ row: FlowRow, hash: RecordHash) {
        var row = row
        row.record = add(hash: hash, time: row.time)
        append(row)
    }

    fileprivate mutating func add(hash: RecordHash, time: EventTime) -> Int32 {
        records.append(
            RecordOrigin(file: texts.intern("drop"), index: Int64(records.count), offset: 0, hash: hash, time: time))
        return Int32(records.count - 1)
    }
}

/// A located batch of lines, in their order.
func batch(_ lines: some Sequence<LogLine>, in topology: Topology) -> SightingBatch {
    var flows = FlowBatch()
    for line in lines { line.append(&flows, line.hash) }
    return Locator(topology.placement).locate(flows)
}

/// The test's own generator, so that a printed seed repeats a run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
