internal import FlowModel

/// Reads a record's `time` in every spelling that was seen in Azure's logs.
///
/// RFC 3339 with 0 to 9 digits of a second and `Z` or an offset, and `M/d/y h:m:s` with or without `AM`/`PM` and
/// offset. A text without a zone is none that can be placed: `no_time_zone`.
/// https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema (time); others seen in real records.
struct RecordTime {
    private let bytes: Bytes
    private var at: Int
    private let end: Int

    static func read(_ bytes: Bytes, _ text: JSONText) throws(Fault) -> EventTime {
        guard !text.isEscaped else { return try readUnescaped(bytes, text) }
        var reader = RecordTime(bytes: bytes, at: text.start, end: text.end)
        return try reader.read()
    }

    /// Slashes may come as `\/`.
    private static func readUnescaped(_ bytes: Bytes, _ text: JSONText) throws(Fault) -> EventTime {
        var plain: [UInt8] = []
        try text.append(from: bytes, to: &plain)
        let read: Result<EventTime, Fault> = plain.withUnsafeBufferPointer { plain in
            var reader = RecordTime(bytes: plain, at: 0, end: plain.count)
            do throws(Fault) { return .success(try reader.read()) } catch { return .failure(error) }
        }
        return try read.get()
    }

    private static let notATime = Fault.bad("the record's time is none that this reader knows")
    private static let noZone = Fault(
        reason: .noTimeZone, detail: "the record's time names no zone, so that nobody knows when it was")

    private mutating func read() throws(Fault) -> EventTime {
        let start = at
        let first = try number()
        let isYearFirst = at - start == 4 && skip(UInt8(ascii: "-"))
        guard isYearFirst || skip(UInt8(ascii: "/")) else { throw Self.notATime }
        let second = try number()
        guard skip(UInt8(ascii: isYearFirst ? "-" : "/")) else { throw Self.notATime }
        let third = try number()
        guard skip(UInt8(ascii: "T")) || skip(32) else { throw Self.notATime }
        var hour = try number()
        guard skip(UInt8(ascii: ":")) else { throw Self.notATime }
        let minute = try number()
        guard skip(UInt8(ascii: ":")) else { throw Self.notATime }
        let seconds = try number()
        let microsecond = try fraction()
        if !isYearFirst { hour = try halfDay(hour) }
        let offset = try zone()
        let date = isYearFirst ? (first, second, third) : (third, first, second)
        let time = EventTime(
            year: date.0, month: date.1, day: date.2, hour: hour, minute: minute, second: seconds,
            microsecond: microsecond)
        guard let time else { throw Self.notATime }
        return time.advanced(seconds: -offset)
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard at < end, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// One to four digits.
    private mutating func number() throws(Fault) -> Int64 {
        let start = at
        var value: Int64 = 0
        while at < end, isDigit(bytes[at]), at - start < 5 {
            value = value * 10 + Int64(bytes[at] - 48)
            at += 1
        }
        guard at > start else { throw Self.notATime }
        // Five digits of a year are a time, only none that can be.
        guard at - start <= 4 else { throw FormatContext.outOfRange }
        return value
    }

    /// Digits after the point, cut off after six.
    private mutating func fraction() throws(Fault) -> Int64 {
        guard skip(UInt8(ascii: ".")) else { return 0 }
        let start = at
        var value: Int64 = 0
        var scale: Int64 = 100_000
        while at < end, isDigit(bytes[at]) {
            value += Int64(bytes[at] - 48) * scale
            scale /= 10
            at += 1
        }
        guard at > start else { throw Self.notATime }
        return value
    }

    private mutating func halfDay(_ hour: Int64) throws(Fault) -> Int64 {
        guard at + 3 <= end, bytes[at] == 32, bytes[at + 2] | 0x20 == UInt8(ascii: "m") else { return hour }
        let half = bytes[at + 1] | 0x20
        guard half == UInt8(ascii: "a") || half == UInt8(ascii: "p"), (1...12).contains(hour) else {
            throw Self.notATime
        }
        at += 3
        return hour % 12 + (half == UInt8(ascii: "p") ? 12 : 0)
    }

    /// Seconds east of UTC.
    private mutating func zone() throws(Fault) -> Int64 {
        _ = skip(32)
        guard at < end else { throw Self.noZone }
        if skip(UInt8(ascii: "Z")) || skip(UInt8(ascii: "z")) {
            guard at == end else { throw Self.notATime }
            return 0
        }
        let isWest = bytes[at] == UInt8(ascii: "-")
        guard skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-")) else { throw Self.notATime }
        let hours = try number()
        guard skip(UInt8(ascii: ":")) else { throw Self.notATime }
        let minutes = try number()
        guard at == end, hours <= 14, minutes <= 59 else { throw Self.notATime }
        return (hours * 3_600 + minutes * 60) * (isWest ? -1 : 1)
    }
}
