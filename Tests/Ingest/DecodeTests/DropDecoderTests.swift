import Decode
import Digest
import FlowModel
import Testing

private let lines = (0..<6).map { index in
    Fixture.vnet(["174082320\(index)123,10.0.0.4,10.0.1.5,4000\(index),443,6,O,E,NX,1,2,3,4"])
}

private func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var digest = SHA256()
    digest.update(Array(bytes).span)
    return digest.digest()
}

struct DropDecoderTests {
    @Test func theCheckpointStandsBehindTheLastWholeRecordAndItsDigestCoversAllBefore() {
        let drop = Array(#"{"records":[\#(lines[0]),\#(lines[1]),{"time":"20"#.utf8)
        let decoded = decode(drop, finishes: false)
        let end = drop.count - #",{"time":"20"#.utf8.count
        #expect(decoded.checkpoint == DropCheckpoint(offset: Int64(end), records: 2))
        #expect(decoded.digest == sha256(drop[..<end]))
        #expect(decoded.head == hash(lines[0]))
    }

    @Test func theClosingOfAWrapperIsBehindTheCheckpoint() {
        let open = #"{"records":[\#(lines[0])"#
        for closing in ["", "]", "]}", "]}\n", ",", "  \n"] {
            let decoded = decode(open + closing)
            #expect(decoded.checkpoint.offset == Int64(open.utf8.count))
            #expect(decoded.digest == sha256(open.utf8))
        }
    }

    @Test func theDigestCoversWhatWasTooLongToKeep() {
        let junk = "no json " + String(repeating: "x", count: 300_000)
        let drop = Array("\(lines[0])\n\(junk)\n\(lines[1])\n".utf8)
        for size in [1_000, 70_000, .max] {
            let decoded = decode(drop) { size }
            #expect(decoded.digest == sha256(drop[..<(drop.count - 1)]), "pieces of \(size)")
            #expect(decoded.reasons == ["not_json"])
        }
    }

    @Test func recordsThatAreKnownAreSkippedAndCounted() {
        var known = RecordSet()
        _ = known.insert(hash(lines[1]))
        let decoded = decode(Array(lines[0...2].joined(separator: "\n").utf8), known: known)
        #expect(decoded.lines.count == 2)
        #expect(decoded.repeated == 1)
        #expect(decoded.records == 3)
        #expect(decoded.origins.map(\.index) == [0, 2])
        #expect(decoded.checkpoint.records == 3)
    }

    @Test func aRecordTwiceInOneDropIsOneRecordAndATupleTwiceInARecordIsTwo() {
        let twice = Fixture.vnet([Fixture.tuple, Fixture.tuple])
        let decoded = decode("\(twice)\n\(twice)\n")
        #expect(decoded.lines.count == 2)
        #expect(decoded.repeated == 1)
    }

    @Test func aDeadRecordIsKnownAsWell() {
        let dead = #"{"category":"Nobody","time":"2025-01-01T00:00:00Z"}"#
        let decoded = decode("\(dead)\n\(dead)\n")
        #expect(decoded.reasons == ["format_not_supported"])
        #expect(decoded.repeated == 1)
        #expect(decoded.origins.count == 1)
    }

    @Test func decodingFromAnOffsetOnlyHashesWhatLiesBeforeIt() {
        let drop = Array(#"{"records":[\#(lines.joined(separator: ","))]}"#.utf8)
        let whole = decode(Array(drop[..<(offset(after: 3) + 0)]), finishes: false)
        var decoder = DropDecoder(file: "drop", now: fixtureNow)
        var known = RecordSet()
        var batch = FlowBatch()
        decoder.append(drop.span)
        let target = Int64(offset(after: 3))
        #expect(decoder.decode(into: &batch, known: &known, from: target) == .reachedOffset)
        #expect(decoder.checkpoint == DropCheckpoint(offset: target, records: 3))
        #expect(decoder.prefixDigest() == whole.digest)
        #expect(batch.count == 0)
        #expect(batch.records.isEmpty)
        #expect(batch.repeatedRecords == 3)
        for line in lines[..<3] { #expect(known.contains(hash(line))) }
        // Once for an offset: then it goes on with what is new.
        #expect(decoder.decode(into: &batch, known: &known, from: target) == .needsInput)
        #expect(batch.count == 3)
        #expect(decoder.recordsRead == 6)
    }

    private func offset(after count: Int) -> Int {
        #"{"records":["#.utf8.count + lines[..<count].joined(separator: ",").utf8.count
    }

    @Test func anOffsetInsideOfARecordIsReachedBeforeThatRecordIsDecoded() {
        let drop = Array(#"{"records":[\#(lines.joined(separator: ","))]}"#.utf8)
        var decoder = DropDecoder(file: "drop", now: fixtureNow)
        var known = RecordSet()
        var batch = FlowBatch()
        decoder.append(drop.span)
        #expect(decoder.decode(into: &batch, known: &known, from: Int64(offset(after: 2) + 9)) == .reachedOffset)
        #expect(decoder.checkpoint.offset == Int64(offset(after: 2)))
        #expect(batch.count == 0)
        // A later candidate can still match: nothing was decoded that lies before it.
        #expect(decoder.decode(into: &batch, known: &known, from: Int64(offset(after: 4))) == .reachedOffset)
        #expect(decoder.checkpoint.offset == Int64(offset(after: 4)))
        #expect(batch.count == 0)
        #expect(decoder.decode(into: &batch, known: &known) == .needsInput)
        #expect(batch.count == 2)
    }

    @Test func aDropThatGrewByOverwritingItsClosingGoesOn() {
        let open = #"{"records":[\#(lines[0])"#
        var decoder = DropDecoder(file: "drop", now: fixtureNow)
        var known = RecordSet()
        var batch = FlowBatch()
        decoder.append(Array((open + "]}").utf8).span)
        #expect(decoder.decode(into: &batch, known: &known) == .needsInput)
        let isRewound = decoder.rewindToCheckpoint()
        #expect(isRewound)
        decoder.append(Array(",\(lines[1])]}".utf8).span)
        #expect(decoder.decode(into: &batch, known: &known) == .needsInput)
        #expect(batch.count == 2)
        #expect(decoder.prefixDigest() == sha256("\(open),\(lines[1])".utf8))
        #expect(decoder.recordsRead == 2)
        decoder.finish(into: &batch)
        #expect(batch.deadLetters.isEmpty)
    }

    @Test func aFullBatchStopsAndGoesOn() {
        var limits = DecodeLimits()
        limits.batchRows = 2
        var decoder = DropDecoder(file: "drop", now: fixtureNow, limits: limits)
        var known = RecordSet()
        var batch = FlowBatch()
        decoder.append(Array(lines.joined(separator: "\n").utf8).span)
        var sizes: [Int] = []
        while decoder.decode(into: &batch, known: &known) == .batchFull {
            sizes.append(batch.count)
            batch.removeAll()
        }
        #expect(sizes == [2, 2, 2])
        limits.batchRows = 50_000
        limits.batchBytes = 100
        let decoded = decode(lines.joined(separator: "\n"), limits: limits)
        #expect(decoded.lines.count == 6)
    }

    @Test(arguments: [
        (#"{"records":[\#(lines[0]),{"time":"2025"#, 1), ("\(lines[0])\n{\"a\":1", 1), (#"{"time":"2025"#, 0),
        ("\(lines[0])\n{\"a\":\"unfinished\n", 1),
    ])
    func anUnfinishedRecordIsCutOff(_ drop: String, _ records: Int) {
        let index = Int64(records)
        let decoded = decode(drop)
        #expect(decoded.reasons == ["cut_off"])
        #expect(decoded.letters.first?.record == index)
        #expect(decoded.checkpoint.records == index)
        #expect(decode(drop, finishes: false).letters.isEmpty)
    }

    @Test(arguments: [0, 1]) func aRecordAtTheLimitLoadsAndOneByteMoreDoesNot(_ excess: Int) {
        var limits = DecodeLimits()
        limits.recordBytes = lines[0].utf8.count - excess
        limits.batchRows = 10
        for size in [1, 50, .max] {
            let decoded = decode(Array("\(lines[0])\n\(Fixture.metric)".utf8), limits: limits) { size }
            #expect(decoded.lines.count == 1 - excess)
            #expect(decoded.reasons == Array(repeating: "over_limit", count: excess))
            #expect(decoded.metrics.count == 1)
            #expect(decoded.origins.map(\.hash) == [hash(lines[0]), hash(Fixture.metric)])
        }
    }

    @Test func aLongRecordIsNotKeptInMemory() {
        var limits = DecodeLimits()
        limits.recordBytes = 10_000
        var decoder = DropDecoder(file: "drop", now: fixtureNow, limits: limits)
        var known = RecordSet()
        var batch = FlowBatch()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 5_000)
        decoder.append(Array(#"{"category":""#.utf8).span)
        for _ in 0..<100 {
            decoder.append(piece.span)
            _ = decoder.decode(into: &batch, known: &known)
            #expect(decoder.bufferedBytes <= 90_000)
        }
        decoder.append(Array(#""}"#.utf8).span)
        _ = decoder.decode(into: &batch, known: &known)
        #expect(batch.deadLetters.map(\.reason) == [.overLimit])
        #expect(batch.deadLetters[0].input.count == DeadLetter.inputLimit)
    }

    @Test func tuplesBeyondTheLimitKillTheirRecord() {
        var limits = DecodeLimits()
        limits.recordRows = 2
        #expect(decode(Fixture.vnet(Array(repeating: Fixture.tuple, count: 2)), limits: limits).lines.count == 2)
        let over = decode(Fixture.vnet(Array(repeating: Fixture.tuple, count: 3)), limits: limits)
        #expect(over.lines.isEmpty)
        #expect(over.reasons == ["over_limit"])
        limits = DecodeLimits()
        limits.recordDeadTuples = 1
        let broken = decode(Fixture.vnet([Fixture.tuple, "x", "y"]), limits: limits)
        #expect(broken.lines.isEmpty)
        #expect(broken.reasons == ["bad_record"])
    }
}
