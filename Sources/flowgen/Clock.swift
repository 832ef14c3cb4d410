/// Times are microseconds since 1970-01-01T00:00:00Z in an `Int64`; this is how they are written.
enum Clock {
    static let second: Int64 = 1_000_000
    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 3_600_000_000
    static let day: Int64 = 86_400_000_000

    /// 2026-01-01T00:00:00Z, the earliest start of a lab.
    static let earliest: Int64 = 1_767_225_600 * second

    /// The ways in which Azure's logs of different years write a time.
    enum Style { case sevenDigits, sixDigitsOffset, sixDigits }

    /// RFC 3339, UTC.
    static func text(_ time: Int64, _ style: Style) -> String {
        let (year, month, day) = civil(days: time / day)
        let rest = time % Clock.day
        let clock = "\(two(rest / hour)):\(two(rest / minute % 60)):\(two(rest / second % 60))"
        let fraction = padded(rest % second, 6)
        let moment = "\(year)-\(two(month))-\(two(day))T\(clock).\(fraction)"
        switch style {
        case .sevenDigits: return moment + "\(time % 7)Z"
        case .sixDigitsOffset: return moment + "+00:00"
        case .sixDigits: return moment + "Z"
        }
    }

    /// The `y=/m=/d=/h=/m=00` part of a blob's path; `m=` stands there twice, for month and minute.
    static func folder(_ time: Int64) -> String {
        let (year, month, day) = civil(days: time / day)
        return "y=\(year)/m=\(two(month))/d=\(two(day))/h=\(two(time % Clock.day / hour))/m=00"
    }

    static func two(_ value: Int64) -> String { padded(value, 2) }

    private static func padded(_ value: Int64, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// Days since 1970-01-01 as a date of the Gregorian calendar (era arithmetic of 400 years).
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
