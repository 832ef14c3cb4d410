import FlowModel
import Testing

private func time(_ text: String) throws -> EventTime { try #require(EventTime("2026-03-02T\(text)Z")) }

@Suite struct TopologyTimelineTests {
    @Test func aMinuteIsJudgedByTheLastVersionThatHadBegunAtItsStart() throws {
        let timeline = TopologyTimeline([
            .init(validFrom: try time("11:30:20"), version: "b"), .init(validFrom: try time("10:00:00"), version: "a"),
            .init(validFrom: try time("11:30:40"), version: "c"), .init(validFrom: try time("12:00:00"), version: "a"),
        ])
        for (text, version) in [
            ("09:00:00", "a"), ("10:00:00", "a"), ("11:30:59", "a"), ("11:31:00", "c"), ("11:59:59.999999", "c"),
            ("12:00:00", "a"), ("23:59:59", "a"),
        ] {
            #expect(timeline.validity(at: try time(text))?.version == version, "\(text)")
        }
        #expect(timeline.judging.map(\.version) == ["a", "c", "a"], "b held for no whole minute")
        #expect(TopologyTimeline([]).validity(at: try time("10:00:00")) == nil)
    }

    @Test func theFirstMinuteIsOneWhoseStartIsCovered() throws {
        for (text, minute) in [
            ("10:00:00", 0), ("10:00:00.000001", 1), ("10:00:59", 1), ("10:01:00", 1),
        ] as [(String, Int64)] {
            let validity = TopologyTimeline.Validity(validFrom: try time(text), version: "a")
            let start = try time("10:00:00").microseconds / 60_000_000
            #expect(validity.firstMinute == start + minute, "\(text)")
        }
    }

    @Test func aValidityBeginsWithItsFilesAndAfterTheOneBefore() throws {
        func age(_ newest: String, _ changed: String) throws -> TopologyAge {
            TopologyAge(newest: try time(newest), oldest: try time("08:00:00"), changed: try time(changed))
        }
        let cases: [(newest: String, changed: String, previous: String?, begin: String)] = [
            ("10:00:00", "10:05:00", nil, "10:00:00"), ("10:00:00", "10:05:00", "09:59:59", "10:00:00"),
            ("10:00:00", "10:05:00", "10:00:00", "10:05:00"), ("10:00:00", "10:05:00", "10:05:00", "10:05:00.000001"),
            ("13:00:00", "13:00:00", nil, "12:00:00"), ("10:00:00", "13:00:00", "11:00:00", "12:00:00"),
            ("10:00:00", "13:00:00", "12:00:00", "12:00:00.000001"),
        ]
        for row in cases {
            let begin = try age(row.newest, row.changed).validityBegin(
                after: try row.previous.map { try time($0) }, now: try time("12:00:00"))
            #expect(begin == (try time(row.begin)), "\(row)")
        }
    }
}
