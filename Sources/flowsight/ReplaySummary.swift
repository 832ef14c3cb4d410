import FlowModel

/// What a replay read, stored and found; `--json` prints it with the keys of its contract.
struct ReplaySummary {
    var drops: Int
    var counts: Loader.Counts
    var opened: Int
    var resolved: Int
    var open: Int
    var undecided: Int64

    var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("drops"); json.value(drops)
        json.key("records"); json.value(counts.records)
        json.key("repeated_records"); json.value(counts.repeatedRecords)
        json.key("flows"); json.value(counts.flows)
        json.key("metrics"); json.value(counts.metrics)
        json.key("dead_letters"); json.value(counts.deadLetters)
        json.key("dead_letters_by_reason")
        json.beginObject()
        for (reason, count) in counts.deadLettersByReason.sorted(by: { $0.key < $1.key }) {
            json.key(reason); json.value(count)
        }
        json.endObject()
        json.key("findings")
        json.beginObject()
        json.key("opened"); json.value(opened)
        json.key("resolved"); json.value(resolved)
        json.key("open"); json.value(open)
        json.endObject()
        json.key("undecided"); json.value(undecided)
        json.endObject()
        return json.string
    }

    var text: String {
        """
        \(drops) drops, \(counts.records) records (\(counts.repeatedRecords) stored before)
        stored: \(counts.flows) flows, \(counts.metrics) metric points, \(counts.deadLetters) dead letters
        findings: \(opened) opened, \(resolved) resolved, \(open) open; \(undecided) sightings undecided
        """
    }
}
