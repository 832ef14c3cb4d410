/// One step of the schema: a file `vNNNN_name.sql`.
package struct Migration: Sendable, Hashable {
    /// 1, 2, 3, …: without gaps.
    package let number: Int
    /// What the step is about, for people.
    package let name: String
    /// A script of statements that may run inside a transaction.
    package let sql: String

    package init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}

/// Where a database's schema stands against this build.
package enum SchemaState: Sendable, Equatable {
    /// The schema was never made.
    case absent
    case current
    /// So many steps are missing.
    case older(by: Int)
    /// A later build made the schema; this one must not touch it.
    case newer(number: Int)
}
