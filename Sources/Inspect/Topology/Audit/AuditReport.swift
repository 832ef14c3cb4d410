internal import FlowModel

/// The JSON of `audit --json`, written as the pairs come: one line for each, so that it is bounded whatever their number.
package struct AuditReport: Sendable {
    /// What was written and not yet taken.
    package private(set) var bytes = Array("{\"pairs\":[".utf8)
    private let topology: Topology
    private let tables: [RouteBudget.Table]
    private var isFirst = true

    package init(audit: Audit) {
        topology = audit.topology
        tables = audit.routeTables
    }

    package mutating func add(_ pair: AuditPair) {
        var json = JSONWriter()
        pair.write(to: &json)
        bytes += Array(isFirst ? "\n".utf8 : ",\n".utf8) + json.bytes
        isFirst = false
    }

    /// Everything that is no pair: problems, what was not understood, and what each route table would have to hold.
    package mutating func finish() {
        var json = JSONWriter()
        json.beginObject()
        json.key("problems")
        json.beginArray()
        for problem in topology.problems {
            json.beginObject()
            json.key("resource"); json.value(problem.resource)
            json.key("field"); json.value(problem.field)
            json.key("problem"); json.value(problem.problem)
            json.endObject()
        }
        json.endArray()
        json.key("not_understood"); json.value(topology.notUnderstood)
        json.key("route_tables")
        json.beginArray()
        for table in tables {
            json.beginObject()
            json.key("route_table"); json.value(table.id)
            json.key("routes"); json.value(table.routeCount)
            json.key("host_routes_needed"); json.value(table.hostRoutesNeeded)
            json.key("limit"); json.value(table.limit)
            json.key("advised"); json.value(table.advice.rawValue)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        bytes += Array("],\n".utf8) + json.bytes.dropFirst() + [10]
    }

    /// What was written since the last time.
    package mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }
}
