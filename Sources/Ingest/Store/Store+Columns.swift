extension Store {
    /// The columns that each COPY of a commit writes, in their order: what a test compares with the tables.
    package static let copiedColumns: [String: [String]] = [
        "flow_record": FlowCopy.columns,
        "flow_minute": SumsCopy.minuteColumns,
        "coverage": SumsCopy.coverageColumns,
        "firewall_client": SumsCopy.clientColumns,
        "metric_point": MetricCopy.columns,
        "identity_page": IdentityPages.columns,
    ]

    /// Days of event time that one batch may touch; rows of further days become dead letters `over_limit`.
    package static var daysLimit: Int { Screening.daysLimit }
}
