import Decode
import FlowModel
import Testing

struct RecordSetTests {
    @Test func tellsNewHashesFromKnownOnes() {
        var set = RecordSet()
        for value in 0..<5_000 as Range<UInt64> {
            let isNew = set.insert(RecordHash(upper: value, lower: value &* 77))
            #expect(isNew)
        }
        for value in 0..<5_000 as Range<UInt64> {
            let isNew = set.insert(RecordHash(upper: value, lower: value &* 77))
            #expect(!isNew)
            #expect(!set.contains(RecordHash(upper: value + 1, lower: value &* 77)))
        }
        #expect(set.count == 5_000)
    }

    @Test(arguments: [2, 3, 8, 1_000]) func neverHoldsMoreThanItsLimitAndAlwaysTheLastHalf(limit: Int) {
        var set = RecordSet(limit: limit)
        for value in 0..<5_000 as Range<UInt64> {
            _ = set.insert(RecordHash(upper: value, lower: value))
            #expect(set.count <= limit)
            let kept = UInt64(limit / 2)
            if value >= kept { #expect(set.contains(RecordHash(upper: value - kept + 1, lower: value - kept + 1))) }
        }
        #expect(!set.contains(RecordHash(upper: 0, lower: 0)))
    }

    @Test func theHashOfZerosIsAHashLikeAnyOther() {
        var set = RecordSet()
        #expect(!set.contains(RecordHash(upper: 0, lower: 0)))
        let inserted = [set.insert(RecordHash(upper: 0, lower: 0)), set.insert(RecordHash(upper: 0, lower: 0))]
        #expect(inserted == [true, false])
        #expect(set.count == 1)
    }
}
