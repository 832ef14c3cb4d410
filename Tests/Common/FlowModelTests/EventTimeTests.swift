import FlowModel
import Testing

@Suite struct EventTimeTests {
    @Test(arguments: [
        ("2022-09-14T09:00:03.599Z", "2022-09-14T09:00:03.599000Z"),
        ("2018-11-13T12:00:35.3899262Z", "2018-11-13T12:00:35.389926Z"),
        ("2025-03-13T07:11:59.992099+00:00", "2025-03-13T07:11:59.992099Z"),
        ("2025-03-13T01:11:59+02:00", "2025-03-12T23:11:59.000000Z"),
        ("2024-02-29T23:59:59.123456789Z", "2024-02-29T23:59:59.123456Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"),
        ("2000-03-01T00:00:00Z", "2000-03-01T00:00:00.000000Z"),
    ])
    func readsRFC3339AndPrintsSixDigits(text: String, printed: String) {
        #expect(EventTime(text)?.description == printed)
    }

    @Test(arguments: [
        "2025-03-13T07:11:59", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "01/09/2007 09:41:00", "",
        "2025-03-13T24:00:00Z", "2025-03-13T07:11:59.Z", "2025-03-13T07:11:59+2:00",
    ])
    func refusesWhatIsNoTimeWithAZone(text: String) {
        #expect(EventTime(text) == nil)
    }

    @Test func daysRoundTripOverFourCenturies() {
        for day in stride(from: Int64(-150_000), through: 150_000, by: 37) {
            let time = EventTime(seconds: day * 86_400 + 3_661)
            #expect(EventTime(time.description) == time)
        }
    }

    @Test func aMinuteBeginsAtItsFirstSecondAlsoBefore1970() {
        #expect(EventTime(seconds: 119).minute == EventTime(seconds: 60))
        #expect(EventTime(seconds: -1).minute == EventTime(seconds: -60))
    }
}
