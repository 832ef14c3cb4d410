import Inflate
import Runtime
import TestSupport
import Testing

/// All that comes out of `pieces`, and the fault that ended it.
private struct Outcome {
    var output: [UInt8] = []
    var error: InflateError?
    var isPlain: Bool?
    var isBetweenMembers = false
    var holdsFirstByte = false
    var largestStep = 0
}

private func inflate(
    _ pieces: [[UInt8]], outputLimit: Int = 1 << 20, limits: InflateLimits = InflateLimits()
) -> Outcome {
    var outcome = Outcome()
    var inflater = Inflater(limits: limits)
    do throws(InflateError) {
        for piece in pieces {
            var position = 0
            repeat {
                let before = outcome.output.count
                position += try inflater.inflate(
                    piece.span.extracting(position...), into: &outcome.output, outputLimit: outputLimit)
                outcome.largestStep = max(outcome.largestStep, outcome.output.count - before)
            } while position < piece.count || inflater.mayHoldOutput
        }
    } catch {
        outcome.error = error
    }
    outcome.isPlain = inflater.isPlain
    outcome.isBetweenMembers = inflater.isBetweenMembers
    outcome.holdsFirstByte = inflater.holdsFirstByte
    #expect(inflater.outputCount == Int64(outcome.output.count))
    return outcome
}

private let gzip = GzipWriter()
private let text = Array(#"{"records":[{"time":"2024-01-01T00:00:00Z"}]}"#.utf8)

private func incompressible(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

@Suite struct InflaterTests {
    @Test func plainBytesPassThrough() {
        let outcome = inflate([text])
        #expect(outcome.output == text)
        #expect(outcome.isPlain == true)
        #expect(outcome.error == nil)
        #expect(!outcome.isBetweenMembers)
    }

    @Test func aMemberComesOutWholeAndLeavesTheInflaterBetweenMembers() {
        let outcome = inflate([gzip.member(text)])
        #expect(outcome.output == text)
        #expect(outcome.isPlain == false)
        #expect(outcome.isBetweenMembers)
        #expect(outcome.error == nil)
    }

    @Test func everySplitIntoTwoPiecesGivesTheSame() {
        let packed = gzip.member(text) + [0, 0] + gzip.member(text)
        for cut in 0...packed.count {
            let outcome = inflate([Array(packed[..<cut]), Array(packed[cut...])])
            #expect(outcome.output == text + text, "cut at \(cut)")
            #expect(outcome.isBetweenMembers && outcome.error == nil, "cut at \(cut)")
        }
    }

    @Test func emptyInputDecidesNothing() {
        let outcome = inflate([[], []])
        #expect(outcome.isPlain == nil)
        #expect(outcome.output.isEmpty && outcome.error == nil)
    }

    @Test func aFirstByteOfTheMagicIsUndecidedUntilTheSecondArrives() {
        let alone = inflate([[0x1f]])
        #expect(alone.isPlain == nil)
        #expect(alone.holdsFirstByte)
        #expect(alone.output.isEmpty)
        let plain = inflate([[0x1f], [], [0x20, 0x21]])
        #expect(plain.isPlain == true)
        #expect(!plain.holdsFirstByte)
        #expect(plain.output == [0x1f, 0x20, 0x21])
        #expect(inflate([[0x1f], [0x8b]]).isPlain == false)
        #expect(inflate([[0x1f, 0x20, 0x21]], outputLimit: 1).output == [0x1f, 0x20, 0x21])
        #expect(inflate([[0x20]]).isPlain == true)
    }

    @Test func anEmptyMemberIsNothing() {
        let outcome = inflate([gzip.member([]) + gzip.member(text) + gzip.member([])])
        #expect(outcome.output == text)
        #expect(outcome.isBetweenMembers && outcome.error == nil)
    }

    @Test func aMemberStillBeingWrittenIsNoError() {
        let packed = gzip.member(text)
        for length in 0..<packed.count {
            let outcome = inflate([Array(packed[..<length])])
            #expect(outcome.error == nil, "length \(length)")
            #expect(!outcome.isBetweenMembers, "length \(length)")
            #expect(outcome.output == Array(text[..<outcome.output.count]), "length \(length)")
        }
        // All data are out before the trailer of eight bytes is complete (RFC 1952, 2.3.1).
        #expect(inflate([Array(packed.dropLast(8))]).output == text)
    }

    @Test func zeroPaddingIsToleratedAndOtherBytesAreNot() {
        #expect(inflate([gzip.member(text) + [UInt8](repeating: 0, count: 700)]).error == nil)
        let garbage: [[UInt8]] = [[0x20], [0, 0, 1], [0x1f, 0x8c], [0x1f, 0], Array("{}".utf8)]
        for tail in garbage {
            let outcome = inflate([gzip.member(text) + tail])
            #expect(outcome.error?.code == .trailingGarbage, "\(tail)")
            #expect(outcome.error?.offset == Int64(text.count), "\(tail)")
            #expect(outcome.output == text, "\(tail)")
        }
    }

    @Test(arguments: [(8, "data"), (7, "data"), (4, "length"), (1, "length")])
    func aBadChecksumIsFoundAfterItsDataWereDelivered(fromEnd: Int, what: String) {
        var packed = gzip.member(text)
        packed[packed.count - fromEnd] ^= 0x40
        let outcome = inflate([packed])
        #expect(outcome.output == text)
        #expect(outcome.error?.code == .badChecksum)
        #expect(outcome.error?.offset == Int64(text.count))
        #expect(outcome.error?.cause == "incorrect \(what) check")
    }

    @Test func badHeadersAndBadDataAreToldApart() {
        var method = gzip.member(text)
        method[2] = 9
        #expect(inflate([method]).error?.code == .badHeader)
        var flags = gzip.member(text)
        flags[3] = 0xe0
        #expect(inflate([flags]).error?.code == .badHeader)
        var data = gzip.member(text)
        data[10] |= 0x06
        #expect(inflate([data]).error?.code == .badData)
        #expect(inflate([[0x1f, 0x8b] + incompressible(1_000)]).error?.code == .badHeader)
    }

    @Test func anErrorIsThrownAgainByEachFurtherCall() throws {
        var inflater = Inflater()
        var output: [UInt8] = []
        var errors: [InflateError] = []
        let packed = gzip.member(text) + [1]
        for input in [packed, packed, []] {
            do throws(InflateError) {
                var position = 0
                while position < input.count || errors.count > 0 {
                    position += try inflater.inflate(
                        input.span.extracting(position...), into: &output, outputLimit: 10)
                }
            } catch {
                errors.append(error)
            }
        }
        #expect(errors.count == 3)
        #expect(Set(errors).count == 1)
        #expect(output == text)
    }

    @Test func oneCallNeverGivesMoreThanItsLimit() {
        let bomb = gzip.member([UInt8](repeating: 0x20, count: 3_000_000))
        #expect(bomb.count < 4_000)
        for limit in [1_000, 65_535, 65_536, 65_537, 200_000] {
            let outcome = inflate([bomb], outputLimit: limit)
            #expect(outcome.output.count == 3_000_000)
            #expect(outcome.largestStep == limit)
            #expect(outcome.isBetweenMembers)
        }
        #expect(inflate([gzip.member(text)], outputLimit: 1).output == text)
    }

    /// zlib takes the last input byte long before the run that it stands for is out.
    @Test func whatZlibHoldsComesOutWithoutFurtherInput() {
        let packed = Array(gzip.member([UInt8](repeating: 0x20, count: 20_000)).dropLast(8))
        for limit in [1, 7, 100] {
            #expect(inflate([packed], outputLimit: limit).output.count == 20_000, "limit \(limit)")
        }
    }

    @Test func aDropOfTheLimitPassesAndOneByteMoreDoesNot() {
        let packed = gzip.member([UInt8](repeating: 0x20, count: 100_000))
        let passed = inflate([packed], limits: InflateLimits(outputBytes: 100_000))
        #expect(passed.error == nil && passed.output.count == 100_000)
        let stopped = inflate([packed], limits: InflateLimits(outputBytes: 99_999))
        #expect(stopped.error?.code == .overLimit)
        #expect(stopped.error?.offset == 99_999)
        #expect(stopped.output.count == 99_999)
        // The limit is the drop's, not the member's.
        let twice = inflate([packed + packed], limits: InflateLimits(outputBytes: 199_999))
        #expect(twice.error?.code == .overLimit)
        let plain = inflate([[UInt8](repeating: 0x20, count: 100)], limits: InflateLimits(outputBytes: 10))
        #expect(plain.error == nil && plain.output.count == 100)
    }

    /// Members of random sizes and levels, cut into random pieces, under random limits; half of them damaged.
    @Test func randomCutsAndDamageNeverChangeTheGoodBytes() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("InflaterTests seed: \(seed)")
        var generator = SplitMix64(seed: seed)
        for round in 0..<300 {
            var plain: [UInt8] = []
            var packed: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let size = Int.random(in: 0...9_000, using: &generator)
                let part =
                    Bool.random(using: &generator)
                    ? incompressible(size, seed: generator.next())
                    : (0..<size).map { _ in UInt8.random(in: 97...100, using: &generator) }
                plain += part
                packed += GzipWriter(level: Int32.random(in: 0...9, using: &generator)).member(part)
                packed += [UInt8](repeating: 0, count: Int.random(in: 0...3, using: &generator))
            }
            let isDamaged = Bool.random(using: &generator)
            if isDamaged { packed[Int.random(in: 2..<packed.count, using: &generator)] ^= 0x10 }
            var pieces: [[UInt8]] = []
            var position = 0
            while position < packed.count {
                let end = min(packed.count, position + Int.random(in: 0...1_500, using: &generator))
                pieces.append(Array(packed[position..<end]))
                position = end
            }
            let outcome = inflate(pieces, outputLimit: Int.random(in: 1...5_000, using: &generator))
            if isDamaged {
                // Damage may hide in a header's time stamp; it never crashes, and
                // what came out before the fault is bounded by what the fault says.
                #expect(outcome.error == nil || outcome.error?.offset == Int64(outcome.output.count), "round \(round)")
            } else {
                #expect(outcome.output == plain, "round \(round), seed \(seed)")
                #expect(outcome.error == nil && outcome.isBetweenMembers, "round \(round), seed \(seed)")
            }
        }
    }

    @Test func randomBytesBehindTheMagicNeverCrash() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("InflaterTests seed: \(seed)")
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let noise = incompressible(Int.random(in: 0...300, using: &generator), seed: generator.next())
            // A header without flags lets the noise reach DEFLATE itself.
            let outcome = inflate([[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + noise], outputLimit: 100)
            #expect(outcome.largestStep <= 100)
        }
    }
}
