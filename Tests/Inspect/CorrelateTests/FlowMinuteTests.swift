import Correlate
import FlowModel
import Testing

@Suite struct FlowMinuteTests {
    private func row(_ seconds: Int64, _ bytes: Int64, begins: Bool = false, ends: Bool = false) -> FlowMinute {
        let time = EventTime(seconds: seconds)
        return FlowMinute(
            first: time, firstVolume: Volume(sent: bytes, received: 0), firstBegins: begins, last: time, lastEnds: ends)
    }

    @Test func keepsTheEarliestRowApartInAnyOrder() {
        let rows = [row(0, 0, begins: true), row(10, 100), row(20, 200), row(30, 300, ends: true)]
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            var minute = rows[order[0]]
            for index in order.dropFirst() { minute.merge(rows[index]) }
            #expect(minute.first == EventTime(seconds: 0))
            #expect(minute.firstVolume == .zero)
            #expect(minute.firstBegins)
            #expect(minute.restVolume.sent == 600)
            #expect(minute.last == EventTime(seconds: 30))
            #expect(minute.lastEnds)
            #expect(minute.records == 4)
        }
    }

    @Test func rowsOfOneMomentAreOne() {
        // Real logs hold an end before the begin of the same tuple, at the same millisecond.
        for (first, second) in [
            (row(5, 70, ends: true), row(5, 0, begins: true)), (row(5, 0, begins: true), row(5, 70, ends: true)),
        ] {
            var minute = first
            minute.merge(second)
            #expect(minute.firstVolume.sent == 70)
            #expect(minute.firstBegins && minute.lastEnds)
            #expect(minute.restVolume == .zero)
        }
    }

    @Test func hostileCountersStopAtTheLargestNumber() {
        var minute = row(0, .max)
        minute.merge(row(1, .max))
        minute.merge(row(2, .max))
        #expect(minute.restVolume.sent == .max)
        #expect(Volume(sent: .max, received: .max).total == .max)
    }

    @Test func aBeginThatLaterRowsLackIsTheEarliest() {
        #expect(earlier(nil, nil) == nil)
        #expect(earlier(EventTime(seconds: 3), nil) == EventTime(seconds: 3))
        #expect(earlier(EventTime(seconds: 3), EventTime(seconds: 2)) == EventTime(seconds: 2))
    }
}
