import FlowModel
import Foundation
import Postgres
import Store
import TestSupport
import Testing

@Suite struct MigrationTests {
    @Test func theProgramCarriesEveryNumberedFileInOrder() throws {
        let folder = repositoryPath("Schemas/sql")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }.sorted()
        #expect(!files.isEmpty)
        #expect(Store.migrations.map { "v" + String(10_000 + $0.number).dropFirst() + "_\($0.name).sql" } == files)
        for (migration, file) in zip(Store.migrations, files) {
            let text = String(decoding: try repositoryFile("Schemas/sql/\(file)"), as: UTF8.self)
            #expect(migration.sql == text, "\(file)")
        }
    }
}

@Suite(.needsDatabase) struct SchemaTests {
    /// Columns that the server fills itself.
    private let defaults = ["identity_page": ["written_at"]]

    @Test func theCopiedColumnsAreThoseOfTheTables() throws {
        try withStore { fixture in
            for (table, columns) in Store.copiedColumns {
                let stored = try fixture.rows(
                    """
                    SELECT attname FROM pg_attribute
                    WHERE attrelid = 'flowsight.\(table)'::regclass AND attnum > 0 AND NOT attisdropped
                    """
                ).compactMap { $0.string(0) }
                #expect(Set(columns).count == columns.count, "\(table)")
                #expect(Set(stored) == Set(columns + (defaults[table] ?? [])), "\(table)")
            }
        }
    }

    @Test func bigTablesHaveNoUniqueKeyNoForeignKeyAndNoTrigger() throws {
        try withStore { fixture in
            let big = Store.copiedColumns.keys.map { "'flowsight.\($0)'::regclass" }.joined(separator: ", ")
            for (what, query) in [
                ("unique index", "pg_index WHERE indisunique AND indrelid IN (\(big))"),
                ("key", "pg_constraint WHERE contype IN ('f', 'p', 'u') AND conrelid IN (\(big))"),
                ("trigger", "pg_trigger WHERE tgrelid IN (\(big))"),
            ] {
                let count = try fixture.integer("SELECT count(*) FROM \(query)")
                #expect(count == 0, "\(what)")
            }
        }
    }

    @Test func everyViewAndColumnHasItsComment() throws {
        try withStore { fixture in
            let missing = try fixture.rows(
                """
                SELECT c.relname || coalesce('.' || a.attname, '') FROM pg_class c
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0
                WHERE c.relnamespace = 'flowsight'::regnamespace AND c.relkind = 'v'
                    AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)
                """
            ).compactMap { $0.string(0) }
            #expect(missing == [])
        }
    }

    @Test func thePageOnSQLNamesEveryViewAndColumnAndItsQueriesRun() throws {
        let page = try String(decoding: repositoryFile("docs/sql.md"), as: UTF8.self)
        let sections = page.components(separatedBy: "\n## ").dropFirst()
        try withStore { fixture in
            let columns = try fixture.rows(
                """
                SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
                WHERE c.relnamespace = 'flowsight'::regnamespace AND c.relkind = 'v'
                """)
            for row in columns {
                let view = try #require(row.string(0))
                let column = try #require(row.string(1))
                let section = sections.first {
                    $0.prefix { $0 != "\n" }.components(separatedBy: ", ").contains(view)
                }
                #expect(section?.contains("`\(column)`") == true, "\(view).\(column) is not in docs/sql.md")
            }
            for section in sections {
                let queries = section.components(separatedBy: "```sql\n").dropFirst().map {
                    $0.components(separatedBy: "```")[0]
                }
                #expect(!queries.isEmpty, "\(section.prefix(40)) has no example")
                for query in queries { _ = try fixture.rows(query) }
            }
        }
    }

    @Test func theReaderSeesTheViewsAndNothingElse() throws {
        try withStore { fixture in
            _ = try fixture.store.commit(plainLoad([noon]))
            _ = try fixture.rows("SET ROLE flowsight_reader")
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow WHERE counted AND action IS NULL") == 1)
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow_by_endpoint_minute WHERE counted") == 1)
            for view in ["private_endpoint_sighting", "metric", "dead_letter"] {
                #expect(try fixture.integer("SELECT count(*) FROM flowsight.\(view)") == 0)
            }
            for table in ["flow_record", "rejected_input", "lineage"] {
                let error = #expect(throws: PostgresError.self) { try fixture.rows("SELECT * FROM flowsight.\(table)") }
                #expect(error?.sqlState == "42501", "\(table)")
            }
        }
    }

    @Test func privateEndpointsAreSeenFromBothSides() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            let firewall = builder.observer(.firewall, "/firewalls/f")
            let client = builder.endpoint(.nic, "/nics/c")
            let target = builder.endpoint(.privateEndpoint, "/privateendpoints/p")
            for (index, ends) in [(client, target), (target, client), (client, client)].enumerated() {
                var row = FlowRow(format: .azfwNetworkRule)
                row.time = noon
                row.record = builder.record("r\(index)")
                row.sourceAddress = IPAddress(ipv4: 0x0a02_0104)
                row.destinationAddress = IPAddress(ipv4: 0x0a02_0205)
                row.sourcePort = 5_000
                row.destinationPort = 443
                row.ipProtocol = 6
                row.bytesSent = 10
                builder.add(
                    row,
                    Sighting(
                        domain: 0, source: ends.0, destination: ends.1, observer: firewall, sourceObserver: -1,
                        destinationObserver: -1, rank: .firewallStructured))
            }
            _ = try fixture.store.commit(builder.load)
            let rows = try fixture.rows(
                """
                SELECT role, private_endpoint, private_endpoint_name, host(client_ip), client_endpoint, port, observer,
                    observer_kind, bytes_sent
                FROM flowsight.private_endpoint_sighting ORDER BY role
                """)
            let expected = [
                [
                    "destination", "/privateendpoints/p", "name of /privateendpoints/p", "10.2.1.4", "/nics/c", "443",
                    "/firewalls/f", "firewall", "10",
                ],
                [
                    "source", "/privateendpoints/p", "name of /privateendpoints/p", "10.2.2.5", "/nics/c", "5000",
                    "/firewalls/f", "firewall", "10",
                ],
            ]
            #expect(rows.map { row in (0..<9).map { row.string($0) } } == expected)
        }
    }
}
