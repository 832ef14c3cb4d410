import FlowModel

/// The database's ids for what the rows of one batch refer to: arrays by the batch's own indexes, so that the encoder
/// looks nothing up. Entries of what no stored row uses are 0.
struct RowKeys {
    var source: [Int32]
    var vantage: [Int32]
    var rule: [Int32]
    var acl: [Int32]
    var file: [Int32]
    /// By the raw value of `LogFormat`.
    var format: [Int32]
    var observer: [Int32]
    var endpoint: [Int32]
    /// For a row whose log names no source: "source" stands in every key and is never NULL.
    var noSource: Int32 = 0

    /// Ids for nothing: to try an encoding.
    init(for batch: SightingBatch) {
        let none = [Int32](repeating: 0, count: batch.flows.texts.count)
        source = none
        vantage = none
        rule = none
        acl = none
        file = none
        format = [Int32](repeating: 0, count: 256)
        observer = [Int32](repeating: 0, count: batch.observers.count)
        endpoint = [Int32](repeating: 0, count: batch.endpoints.count)
    }
}

/// Marks what the stored rows of a batch refer to, by the batch's own indexes.
struct Mentions {
    var source: [Bool]
    var vantage: [Bool]
    var rule: [Bool]
    var acl: [Bool]
    var file: [Bool]
    var format = [Bool](repeating: false, count: 256)
    var observer: [Bool]
    var endpoint: [Bool]
    var withoutSource = false

    init(of batch: SightingBatch, screening: Screening) {
        let none = [Bool](repeating: false, count: batch.flows.texts.count)
        source = none
        vantage = none
        rule = none
        acl = none
        file = none
        observer = [Bool](repeating: false, count: batch.observers.count)
        endpoint = [Bool](repeating: false, count: batch.endpoints.count)
        for index in batch.flows.rows.indices where screening.keeps(index) {
            mark(batch.flows.rows[index], in: batch.flows)
            mark(batch.sightings[index])
        }
        for point in batch.flows.metrics {
            Mentions.mark(point.vantage, &vantage)
            Mentions.mark(batch.flows.records[Int(point.record)].file, &file)
        }
    }

    private mutating func mark(_ row: FlowRow, in flows: FlowBatch) {
        if row.source.isNone { withoutSource = true }
        Mentions.mark(row.source, &source)
        Mentions.mark(row.vantage, &vantage)
        Mentions.mark(row.rule, &rule)
        Mentions.mark(row.acl, &acl)
        Mentions.mark(flows.records[Int(row.record)].file, &file)
        format[Int(row.format.rawValue)] = true
    }

    private mutating func mark(_ place: Sighting) {
        Mentions.mark(place.observer, &observer)
        Mentions.mark(place.sourceObserver, &observer)
        Mentions.mark(place.destinationObserver, &observer)
        Mentions.mark(place.source, &endpoint)
        Mentions.mark(place.destination, &endpoint)
    }

    private static func mark(_ text: TextID, _ marks: inout [Bool]) { mark(text.index, &marks) }

    private static func mark(_ index: Int32, _ marks: inout [Bool]) {
        if index >= 0 { marks[Int(index)] = true }
    }
}
