package import Postgres

extension Store {
    /// All numbered files of `Schemas/sql`, in order. A test compares this list with the folder.
    package static let migrations: [Migration] = [
        Migration(number: 1, name: "flows", sql: String(decoding: PackageResources.v0001_flows_sql, as: UTF8.self)),
        Migration(
            number: 2, name: "findings", sql: String(decoding: PackageResources.v0002_findings_sql, as: UTF8.self)),
        Migration(
            number: 3, name: "topology_versions",
            sql: String(decoding: PackageResources.v0003_topology_versions_sql, as: UTF8.self)),
    ]
}
