package import FlowModel

extension TopologyMap {
    /// How old the files are, at the time of asking.
    package struct Dating: Sendable, Hashable {
        package var age: TopologyAge
        package var now: EventTime

        package init(age: TopologyAge, now: EventTime) {
            self.age = age
            self.now = now
        }

        /// `topology as of 2026-11-25T02:10:00Z (3 days old)`; names the oldest file's time where a day or more lies
        /// between it and the newest.
        package var text: String {
            let old = Dating.span(from: age.newest, to: now).map { "\($0) old" } ?? "later than this machine's clock"
            let apart = age.newest.microseconds - age.oldest.microseconds >= Dating.day
            let oldest = apart ? "; its oldest file is of \(Dating.seconds(age.oldest))" : ""
            return "topology as of \(Dating.seconds(age.newest)) (\(old))\(oldest)"
        }

        private static let day: Int64 = 86_400_000_000

        /// Whole seconds: what file times are good for.
        static func seconds(_ time: EventTime) -> String { "\(time.description.prefix(19))Z" }

        /// In the largest unit of which there are at least two; nil where it ends before it begins.
        private static func span(from begin: EventTime, to end: EventTime) -> String? {
            let length = end.microseconds - begin.microseconds
            guard length >= 0 else { return nil }
            for (unit, name) in [(day, "days"), (3_600_000_000, "hours"), (60_000_000, "minutes")]
            where length >= 2 * unit {
                return "\(length / unit) \(name)"
            }
            let seconds = length / 1_000_000
            return seconds == 1 ? "1 second" : "\(seconds) seconds"
        }
    }
}
