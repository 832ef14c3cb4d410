internal import FlowModel

/// `metrics`: points of platform metrics. They have no category; `metricName` tells them.
///
/// https://learn.microsoft.com/azure/azure-monitor/platform/stream-monitoring-data-event-hubs (metrics),
/// https://learn.microsoft.com/azure/firewall/monitor-firewall-reference#metrics
enum MetricsFormat {
    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        let time = try context.recordTime()
        batch.records[Int(context.record)].time = time
        guard let name = context.header.metricName, !name.isEmpty, let resource = context.header.resource,
            !resource.isEmpty
        else { throw .bad("the metric point lacks metricName or resourceId") }
        var point = MetricPoint(
            time: time, name: try context.intern(name, into: &batch),
            vantage: try context.internLowercased(resource, into: &batch), timeGrain: .none, record: context.record)
        if let grain = context.header.timeGrain { point.timeGrain = try context.intern(grain, into: &batch) }
        point.count = try figure(RecordHeader.count, context)
        point.total = try figure(RecordHeader.total, context)
        point.minimum = try figure(RecordHeader.minimum, context)
        point.maximum = try figure(RecordHeader.maximum, context)
        point.average = try figure(RecordHeader.average, context)
        batch.metrics.append(point)
    }

    private static func figure(_ index: Int, _ context: FormatContext) throws(Fault) -> Double? {
        let value = context.header.figures[index]
        guard value >= 0 else { return nil }
        var cursor = JSONCursor(context.bytes, at: value)
        guard let range = try cursor.scalar() else { throw .bad("a figure of the metric point is no number") }
        if context.bytes.equals("null", from: range.lowerBound, to: range.upperBound) || range.isEmpty { return nil }
        guard let figure = context.bytes.decimal(range) else { throw .bad("a figure of the metric point is no number") }
        return figure
    }
}
