import Correlate
import FlowModel
import Testing

private func key(_ port: Int32) -> SessionKey {
    SessionKey(
        client: IPAddress(ipv4: 0x0a02_0104), server: IPAddress(ipv4: 0x0a02_0205), clientPort: port, serverPort: 443,
        domain: 0, ipProtocol: IPProtocol.tcp)
}

private struct Sum: Mergeable, Equatable {
    var value: Int64

    mutating func merge(_ other: Sum) { value += other.value }
}

/// A session that folds into one of its server.
private struct FoldingKey: RankedKey {
    var session: SessionKey
    var isFolded = false

    var rank: UInt64 { session.rank }
    var folded: FoldingKey? {
        var folded = FoldingKey(session: session, isFolded: true)
        folded.session.clientPort = -1
        return folded
    }
}

@Suite struct BoundedTableTests {
    private func table(_ ports: [Int32], limit: Int) -> BoundedTable<FoldingKey, Sum> {
        var table = BoundedTable<FoldingKey, Sum>(limit: limit)
        for port in ports { table.merge(FoldingKey(session: key(port)), Sum(value: 1)) }
        table.settle()
        return table
    }

    @Test func keepsEverythingUpToItsLimit() {
        let full = table(Array(1...10), limit: 10)
        #expect(full.entries.count == 10)
        #expect(full.rest.isEmpty)
        let over = table(Array(1...11), limit: 10)
        #expect(over.entries.count == 10)
        #expect(over.rest.values.map(\.value) == [1])
    }

    @Test func losesNothingOfTheSum() {
        let table = table((1...1_000).map { Int32($0 % 300) }, limit: 16)
        #expect(table.entries.count == 16)
        #expect(table.all.reduce(0) { $0 + $1.value.value } == 1_000)
    }

    @Test func theOrderOfArrivalDoesNotMatter() {
        let seed = UInt64.random(in: 1...1_000_000)
        print("seed \(seed)")
        var generator = Xorshift(state: seed)
        let ports = (0..<2_000).map { _ in Int32.random(in: 1...400, using: &generator) }
        let expected = table(ports, limit: 20)
        for _ in 0..<5 {
            let shuffled = table(ports.shuffled(using: &generator), limit: 20)
            #expect(shuffled.entries == expected.entries, "seed \(seed)")
            #expect(shuffled.rest == expected.rest, "seed \(seed)")
            #expect(shuffled.threshold == expected.threshold, "seed \(seed)")
        }
    }

    @Test func aRankIsTheSameInEveryProcess() {
        // A number of an earlier run: samples of a restarted daemon must not differ.
        #expect(key(50_000).rank == 377_972_014_117_523_510)
    }
}

@Suite struct EvidenceSampleTests {
    private func row(_ hash: UInt64, _ ordinal: Int32 = 0) -> EvidenceRow {
        EvidenceRow(
            hash: RecordHash(upper: hash, lower: 0), ordinal: ordinal, time: EventTime(seconds: Int64(hash)), source: 0,
            vantage: 0, sourceAddress: .none, destinationAddress: .none, sourcePort: -1, destinationPort: -1,
            ipProtocol: 6, bytesSent: -1, bytesReceived: -1, format: .vnetV4, action: .allow)
    }

    @Test func holdsTheSmallestHashesWhateverCameFirst() {
        var generator = Xorshift(state: 42)
        let rows = (1...200).map { row(UInt64($0)) }
        for _ in 0..<5 {
            var sample = EvidenceSample(limit: 20)
            for row in rows.shuffled(using: &generator) { sample.insert(row) }
            #expect(sample.rows == Array(rows.prefix(20)))
        }
    }

    @Test func aRowIsHeldOnceAndOrdinalsTellTuplesApart() {
        var sample = EvidenceSample(limit: 20)
        for _ in 0..<3 { sample.insert(row(7)) }
        sample.insert(row(7, 1))
        #expect(sample.rows == [row(7), row(7, 1)])
    }
}

/// The tests' own generator, so that a printed seed repeats a run.
struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
