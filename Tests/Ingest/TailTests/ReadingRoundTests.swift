import FlowModel
import Tail
import Testing

@Suite struct ReadingRoundTests {
    @Test func isCompleteWhenEachDropOfItsBeginningIsRead() {
        var round = ReadingRound(drops: ["a", "b"], newest: EventTime(seconds: 60))
        round.finish("a")
        round.finish("appeared meanwhile")
        #expect(!round.isComplete)
        round.finish("b")
        #expect(round.isComplete)
        #expect(round.newest == EventTime(seconds: 60))
    }

    @Test func withoutDropsItIsCompleteAtOnce() {
        #expect(ReadingRound(drops: [], newest: nil).isComplete)
    }
}
