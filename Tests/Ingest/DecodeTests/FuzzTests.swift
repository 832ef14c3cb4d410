import Decode
import FlowModel
import Foundation
import Runtime
import Testing

/// One drop of all formats, wrappers, dead records and broken lines.
private let mixed: [UInt8] = {
    let records = Fixture.all.map(\.record)
    var text = "\u{FEFF}{\n \"records\" : [\(records.joined(separator: " ,\n"))]}\n"
    text += records.reversed().map { $0.replacing("2025-03-01T10", with: "2025-03-02T11") }.joined(separator: "\n")
    text += "\nno json at all {\n\(Fixture.metric)\n{\"category\":\"AZFWNetworkRule\",\"pro\n"
    text +=
        "{\"records\":[{\"records\":[\(Fixture.vnet(["1,2,3", Fixture.tuple, "\\u0031740823200123,10.0.0.4,10.0.1.5,1,2,6,I,D,NX,,,,"]))]}],\"x\":[1]}"
    text += "{\"category\":\"Other\",\"deep\":{\"a\":[{\"b\":\"}\\\"{\"}]}}\n" + Fixture.legacy("HTTP  request from")
    text += ",\(Fixture.metric.replacing("total", with: "Total"))]}\n{\"unfinished\":[{\"a\":\"b\\"
    return Array(text.utf8)
}()

private let seeds = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap(UInt64.init).map { [$0] } ?? Array(1...12)

struct FuzzTests {
    @Test(arguments: seeds) func piecesOfAnySizeGiveTheSame(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let whole = decode(mixed).summary
        for limit in [1, 3, 40, 700] {
            let pieces = decode(mixed) { Int.random(in: 0...limit, using: &generator) }
            #expect(pieces.summary == whole, "seed \(seed), pieces up to \(limit)")
        }
    }

    @Test(arguments: seeds) func mutatedBytesNeverCrashAndNeverDependOnPieces(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let interesting = Array("{}[]\",:\\u00d8\n \u{FEFF}-9.eE".utf8) + [0, 0xff, 0xc0, 0xed, 0xa0]
        var limits = DecodeLimits()
        for _ in 0..<25 {
            var bytes = mixed
            for _ in 0..<Int.random(in: 1...30, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = interesting.randomElement(using: &generator) ?? 0
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(interesting.randomElement(using: &generator) ?? 0, at: at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...200, using: &generator)))
                }
            }
            limits.recordBytes = [500, 2_000, 1 << 20].randomElement(using: &generator) ?? 500
            let whole = decode(bytes, limits: limits)
            let pieces = decode(bytes, limits: limits) { Int.random(in: 0...300, using: &generator) }
            #expect(pieces.summary == whole.summary, "seed \(seed)")
            for line in whole.lines + whole.metrics {
                #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "seed \(seed): \(line)")
                #expect(!line.contains("\\u0000") && !line.utf8.contains(0), "seed \(seed): \(line)")
            }
        }
    }
}
