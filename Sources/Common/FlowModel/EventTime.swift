/// A point in event time: microseconds since 1970-01-01T00:00:00Z, UTC.
///
/// Prints as RFC 3339 with always six digits (`2022-09-14T09:00:03.599000Z`), the form of every time that Flowsight
/// writes. Pure arithmetic, without a calendar library, because it runs once a flow record.
package struct EventTime: Hashable, Comparable, Sendable {
    /// Microseconds since the Unix epoch.
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

    package static func < (lower: EventTime, upper: EventTime) -> Bool { lower.microseconds < upper.microseconds }

    /// The start of the minute that holds this time.
    package var minute: EventTime {
        EventTime(microseconds: microseconds - microseconds.flooredRemainder(60_000_000))
    }

    /// This time moved by whole seconds, which may be negative.
    package func advanced(seconds: Int64) -> EventTime { EventTime(microseconds: microseconds + seconds * 1_000_000) }

    /// 2010-01-01T00:00:00Z: what lies before is a dead letter `time_out_of_range` (no Azure log is older).
    package static let earliest = EventTime(seconds: 1_262_304_000)
    /// How far a record's time may lie after the wall clock, in seconds, before it is `time_out_of_range`.
    package static let futureLimitSeconds: Int64 = 3_600
}

extension Int64 {
    fileprivate func flooredRemainder(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        (self - flooredRemainder(divisor)) / divisor
    }
}

extension EventTime: CustomStringConvertible {
    /// RFC 3339, UTC, six digits.
    package var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the RFC 3339 text to `bytes`.
    package func write(to bytes: inout [UInt8]) {
        let days = microseconds.flooredQuotient(86_400_000_000)
        let rest = microseconds.flooredRemainder(86_400_000_000)
        let (year, month, day) = civilDate(days: days)
        appendDigits(year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDigits(day, 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendDigits(rest / 3_600_000_000, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(rest / 60_000_000 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDigits(rest / 1_000_000 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        appendDigits(rest % 1_000_000, 6, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// The time of a UTC calendar date and time of day; nil where a field is out of its range.
    package init?(
        year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64, microsecond: Int64 = 0
    ) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= daysIn(month: month, of: year),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second),
            (0...999_999).contains(microsecond)
        else { return nil }
        let seconds = dayNumber(year: year, month: month, day: day) * 86_400 + hour * 3_600 + minute * 60 + second
        self.init(microseconds: seconds * 1_000_000 + microsecond)
    }

    /// Reads RFC 3339 with any number of fraction digits (further than six are cut off) and `Z` or a numeric offset;
    /// nil for anything else, a text without a zone among it.
    package init?(_ text: String) {
        let fields = Array(text.utf8)
        guard fields.count >= 20, fields[4] == UInt8(ascii: "-"), fields[7] == UInt8(ascii: "-"),
            fields[10] == UInt8(ascii: "T") || fields[10] == UInt8(ascii: " "), fields[13] == UInt8(ascii: ":"),
            fields[16] == UInt8(ascii: ":"),
            let year = digits(fields[0..<4]), let month = digits(fields[5..<7]), let day = digits(fields[8..<10]),
            let hour = digits(fields[11..<13]), let minute = digits(fields[14..<16]),
            let second = digits(fields[17..<19])
        else { return nil }
        var position = 19
        var microsecond: Int64 = 0
        if fields[position] == UInt8(ascii: ".") {
            position += 1
            var scale: Int64 = 100_000
            let start = position
            while position < fields.count, (48...57).contains(fields[position]) {
                microsecond += Int64(fields[position] - 48) * scale
                scale /= 10
                position += 1
            }
            guard position > start else { return nil }
        }
        guard position < fields.count, let offset = zoneOffsetSeconds(fields[position...]),
            let time = EventTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                microsecond: microsecond)
        else { return nil }
        self = time.advanced(seconds: -offset)
    }
}

private func digits(_ bytes: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for byte in bytes {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 48)
    }
    return value
}

private func zoneOffsetSeconds(_ zone: ArraySlice<UInt8>) -> Int64? {
    let bytes = Array(zone)
    if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
    guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = digits(bytes[1..<3]),
        let minutes = digits(bytes[4..<6]), hours <= 14, minutes <= 59
    else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "+"): return hours * 3_600 + minutes * 60
    case UInt8(ascii: "-"): return -(hours * 3_600 + minutes * 60)
    default: return nil
    }
}

private func appendDigits(_ value: Int64, _ width: Int, to bytes: inout [UInt8]) {
    var divisor: Int64 = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
        bytes.append(UInt8(48 + value / divisor % 10))
        divisor /= 10
    }
}

// Days from civil and back: the proleptic Gregorian calendar in eras of 400 years that begin on 1 March.
// https://howardhinnant.github.io/date_algorithms.html describes the arithmetic.
private func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.flooredQuotient(400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
}

private func civilDate(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.flooredQuotient(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
}

private func daysIn(month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
}
