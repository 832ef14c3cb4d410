import FlowModel

/// Which rows of a batch cannot be stored, and why: each becomes a dead letter, so that the rest of the batch loads.
///
/// Decode has caught bad text and bad times already; this is the last line before a server that refuses a whole COPY
/// for one byte. It costs one look at each distinct text, and nothing per row where nothing is bad.
struct Screening {
    /// Days of event time that one batch may touch: each is a partition whose locks the transaction holds. A drop of an
    /// hour touches one or two; a batch over the limit is a forgery or a heap of old logs in one file.
    static let daysLimit = 128
    /// 10000-01-01: further ahead is no date that people write.
    static let latest = EventTime(seconds: 253_402_300_800)

    /// What each refused row is refused for, by row index.
    private(set) var refused: [Int: (reason: DeadLetterReason, detail: String)] = [:]
    /// Days of event time (since 1970) that the kept rows touch, ascending.
    private(set) var days: [Int64] = []

    init(of flows: FlowBatch) {
        refuseTimes(flows)
        refuseNULs(flows)
        refuseDays(flows)
    }

    func keeps(_ row: Int) -> Bool { refused.isEmpty || refused[row] == nil }

    /// Also refuses rows that the server did not take.
    mutating func refuse(_ rows: [Int: String]) {
        for (row, detail) in rows { refused[row] = (.rejectedByDatabase, detail) }
    }

    private mutating func refuseTimes(_ flows: FlowBatch) {
        for index in flows.rows.indices {
            let time = flows.rows[index].time
            if time < .earliest || time >= Screening.latest {
                refused[index] = (.timeOutOfRange, "event time \(time) is before 2010 or after 9999")
            }
        }
    }

    private mutating func refuseNULs(_ flows: FlowBatch) {
        var bad: Set<TextID> = []
        for index in 0..<flows.texts.count {
            let id = TextID(index: Int32(index))
            if flows.texts.utf8(id).contains(0) { bad.insert(id) }
        }
        guard !bad.isEmpty else { return }
        for index in flows.rows.indices where keeps(index) {
            let row = flows.rows[index]
            let texts = [
                row.source, row.vantage, row.rule, row.acl, row.tcpFlags, row.encryption, row.fqdn, row.url,
                row.attributes, flows.records[Int(row.record)].file,
            ]
            if texts.contains(where: bad.contains) {
                refused[index] = (.badText, "a text of the flow holds U+0000, which PostgreSQL cannot store")
            }
        }
    }

    /// Keeps the days that most rows touch; of equal ones the latest.
    private mutating func refuseDays(_ flows: FlowBatch) {
        var counts: [Int64: Int] = [:]
        var last: Int64 = .min
        var run = 0
        for index in flows.rows.indices where keeps(index) {
            let day = dayNumber(flows.rows[index].time)
            if day != last {
                if run > 0 { counts[last, default: 0] += run }
                last = day
                run = 0
            }
            run += 1
        }
        if run > 0 { counts[last, default: 0] += run }
        guard counts.count > Screening.daysLimit else {
            days = counts.keys.sorted()
            return
        }
        let ranked = counts.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
        let kept = Set(ranked.prefix(Screening.daysLimit).map(\.key))
        days = kept.sorted()
        for index in flows.rows.indices where keeps(index) && !kept.contains(dayNumber(flows.rows[index].time)) {
            let limit = Screening.daysLimit
            refused[index] = (
                .overLimit,
                "the batch touches \(counts.count) days of event time, the limit is \(limit); split the drop by time"
            )
        }
    }
}

extension Screening {
    /// The dead letters of the refused rows, in the order of the rows. Their input stays in the drop, at the offset.
    func deadLetters(of flows: FlowBatch) -> [DeadLetter] {
        refused.sorted { $0.key < $1.key }.map { index, refusal in
            let row = flows.rows[index]
            let record = flows.records[Int(row.record)]
            return DeadLetter(
                reason: refusal.reason, file: flows.texts.string(record.file) ?? "", record: record.index,
                tuple: row.tuple < 0 ? nil : Int64(row.tuple), offset: record.offset, category: row.format.name,
                detail: refusal.detail, input: [], hash: record.hash)
        }
    }
}

/// The day since 1970-01-01, UTC, that holds a time.
func dayNumber(_ time: EventTime) -> Int64 { floorDivide(time.microseconds, 86_400_000_000) }

func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
