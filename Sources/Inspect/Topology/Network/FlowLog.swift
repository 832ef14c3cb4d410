/// A flow-log resource of a network watcher.
struct FlowLog {
    var id: String
    /// Lower-cased id of the VNet, subnet, NIC or NSG.
    var target: String
    var isEnabled: Bool
    /// Only part of what it could log is logged (`enabledFilteringCriteria`, `recordTypes`; preview).
    var isFiltered: Bool
}

/// What a flow log shows of a NIC, over all flow logs that cover it.
enum FlowLogCoverage {
    case covered, filtered, notCovered
    /// A log is there, and does not see this kind of workload.
    case workload
    /// The export holds no flow-log resource: answers are as if every log were on.
    case notSaid
}
