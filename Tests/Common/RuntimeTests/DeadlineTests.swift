import Runtime
import Testing

@Suite struct DeadlineTests {
    @Test(arguments: [
        (Duration.seconds(0), true), (.seconds(-5), true), (.nanoseconds(-1), true), (.seconds(Int64.min), true),
        (.seconds(3600), false), (.seconds(Int64.max), false),
    ])
    func knowsWhetherItIsPast(duration: Duration, isPast: Bool) {
        #expect(Deadline.after(duration).isPast == isPast)
    }

    @Test func neverIsMinusOneForPollAndNeverPast() {
        #expect(Deadline.never.remainingMilliseconds == -1)
        #expect(!Deadline.never.isPast)
        #expect(Deadline.after(.seconds(Int64.max)) == .never)
    }

    @Test func countsWhatIsLeftRoundedUpAndClamped() {
        #expect(Deadline.after(.zero).remainingMilliseconds == 0)
        #expect((1...60_000).contains(Deadline.after(.seconds(60)).remainingMilliseconds))
        #expect(Deadline.after(.seconds(60)).remainingMilliseconds > 30_000)
        #expect(Deadline.after(.seconds(100 * 86_400)).remainingMilliseconds == Int32.max)
    }

    @Test func theEarlierOneIsTheLess() {
        #expect(Deadline.after(.seconds(1)) < Deadline.after(.seconds(2)))
        #expect(min(Deadline.never, Deadline.after(.seconds(2))) != .never)
    }
}
