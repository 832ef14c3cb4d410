package import FlowModel

/// Writes metric points as NDJSON lines beside the flow records; `metric` tells them apart.
package struct MetricWriter: Sendable {
    package init() {}

    /// Appends point `index` of the batch and a line's end.
    package func write(point index: Int, of batch: FlowBatch, to json: inout JSONWriter) {
        let point = batch.metrics[index]
        json.beginObject()
        json.key("metric"); write(point.name, batch, &json)
        json.key("time"); json.value(point.time)
        json.key("vantage"); write(point.vantage, batch, &json)
        json.key("count"); json.value(point.count)
        json.key("total"); json.value(point.total)
        json.key("minimum"); json.value(point.minimum)
        json.key("maximum"); json.value(point.maximum)
        json.key("average"); json.value(point.average)
        json.key("time_grain"); write(point.timeGrain, batch, &json)
        json.key("origin")
        writeOrigin(point.record, tuple: -1, batch, &json)
        json.endObject()
        json.newline()
    }

    private func write(_ id: TextID, _ batch: FlowBatch, _ json: inout JSONWriter) {
        json.value(batch.texts.utf8(id), isNull: id.isNone)
    }
}
