import FlowModel
import Ledger
import Postgres
import Runtime
import TestSupport
import Testing

@Suite(.enabled(if: testDatabaseIsConfigured, "run with Tests/with-postgres"))
struct LedgerTests {
    private let clock = ManualClock(microseconds: 1_800_000_000_000_000)
    private let noon = Samples.noon
    private let database: FindingsDatabase

    init() throws { database = try FindingsDatabase() }

    private func after(_ minutes: Int64) -> EventTime { noon.advanced(seconds: minutes * 60) }

    private func dump(_ connection: Connection) throws -> [String] {
        try ["evaluation", "finding_state", "alert", "outbox", "firewall_load_minute", "asymmetric_session_row"]
            .flatMap { try connection.lines("SELECT '\($0)', t::text FROM flowsight.\($0) t ORDER BY t::text") }
    }

    @Test func findingsComeBackByteForByte() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        let open = Samples.finding("aa")
        var hostile = Samples.finding("bb")
        hostile.title = "rule \"x\"\u{0}\u{1}\n\u{7f}\\u0000 \u{1F525}"
        hostile.names["/nul\u{0}"] = .init(name: "\u{0}", addresses: ["\\"], prefixes: ["\\\u{0}"])
        let resolved = Samples.resolved(Samples.finding("cc"), at: after(5))
        try ledger.record(
            Samples.evaluation(until: after(9), (.opened, open), (.opened, hostile), (.resolved, resolved)),
            receivers: ["ops"], clock: clock)

        let documents = [open, hostile, resolved].map(Samples.json)
        #expect(try ledger.findingDocuments() == documents)
        #expect(try ledger.findings() == [open, hostile, resolved])
        #expect(try ledger.findings().map(Samples.json) == documents)
        #expect(try ledger.finding(fingerprint: "bb") == hostile)
        #expect(try ledger.findingDocument(fingerprint: "bb") == documents[1])
        #expect(try ledger.finding(fingerprint: "dd") == nil)
        // The view reads what jsonb cannot hold, too: NUL as U+FFFD, an escaped backslash before u0000 as it was.
        let names = try connection.lines(
            "SELECT names -> E'/nul\u{fffd}' ->> 'name', names -> E'/nul\u{fffd}' -> 'prefixes' ->> 0, right(title, 8) "
                + "FROM flowsight.finding WHERE fingerprint = 'bb'")
        #expect(names == ["\u{fffd}|\\\u{fffd}|\\u0000 \u{1F525}"])
    }

    @Test func recordingTwiceChangesNothing() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        var evaluation = Samples.evaluation(until: after(3), (.opened, Samples.finding("aa")))
        evaluation.loads = [load(minute: 0, bytes: 10)]
        evaluation.asymmetricSessions = [session()]
        let first = try ledger.record(evaluation, receivers: ["ops", "audit"], clock: clock)
        #expect(first.recorded && first.opened == 1 && first.resolved == 0 && first.alerts == 2)
        let before = try dump(connection)
        #expect(before.count == 7)

        clock.advance(by: .seconds(60))
        let again = try ledger.record(evaluation, receivers: ["ops", "audit"], clock: clock)
        #expect(!again.recorded && again.alerts == 0)
        #expect(try dump(connection) == before)

        // A later tick that carries the same decisions, as after a restart with an older state, adds only its tick.
        evaluation.evaluatedUntil = after(4)
        #expect(try ledger.record(evaluation, receivers: ["ops", "audit"], clock: clock).alerts == 0)
        #expect(try dump(connection).dropFirst() == before.dropFirst())
        #expect(try ledger.evaluatedUntil() == after(4))
    }

    @Test func anOlderTickIsIgnored() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        #expect(try ledger.evaluatedUntil() == nil)
        try ledger.record(Samples.evaluation(until: after(10)), receivers: ["ops"], clock: clock)
        let before = try dump(connection)
        let old = Samples.evaluation(until: after(9), (.opened, Samples.finding("aa")))
        #expect(try ledger.record(old, receivers: ["ops"], clock: clock).recorded == false)
        #expect(try dump(connection) == before)
        #expect(try ledger.evaluatedUntil() == after(10))
    }

    @Test func onlyOpeningsAndResolvingsAreTold() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        let open = Samples.finding("aa")
        var stale = open
        stale.state = .stale
        let resolved = Samples.resolved(open, at: after(7))
        let again = Samples.finding("aa", openedAt: after(8))
        let receipt = try ledger.record(
            Samples.evaluation(
                until: after(9), (.opened, open), (.updated, open), (.stale, stale), (.resolved, resolved),
                (.opened, again)), receivers: ["ops"], clock: clock)
        #expect(receipt.opened == 2 && receipt.resolved == 1 && receipt.alerts == 3)
        #expect(try ledger.pendingAlerts() == 3)
        let alerts = try connection.lines("SELECT body FROM flowsight.alert ORDER BY happened_at")
        #expect(
            alerts == [
                #"{"type":"finding.opened","timestamp":"\#(noon)","data":\#(Samples.json(open))}"#,
                #"{"type":"finding.resolved","timestamp":"\#(after(7))","data":\#(Samples.json(resolved))}"#,
                #"{"type":"finding.opened","timestamp":"\#(after(8))","data":\#(Samples.json(again))}"#,
            ])
        #expect(try ledger.findings() == [again])
    }

    @Test func withoutReceiversTheHistoryIsKeptAndNothingIsPending() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        try ledger.record(
            Samples.evaluation(until: after(1), (.opened, Samples.finding("aa"))), receivers: [], clock: clock)
        #expect(try ledger.pendingAlerts() == 0)
        #expect(try connection.lines("SELECT count(*) FROM flowsight.alert") == ["1"])
    }

    @Test func findingsAreSortedByOpeningThenFingerprint() throws {
        let ledger = Ledger(connection: try database.connect())
        var stale = Samples.finding("a", openedAt: after(1))
        stale.state = .stale
        let resolved = Samples.resolved(Samples.finding("B", openedAt: after(1)), at: after(2))
        let open = Samples.finding("z")
        try ledger.record(
            Samples.evaluation(until: after(3), (.stale, stale), (.resolved, resolved), (.opened, open)),
            receivers: [], clock: clock)
        #expect(try ledger.findings().map(\.fingerprint) == ["z", "B", "a"])
        #expect(try ledger.findings(state: .open).map(\.fingerprint) == ["z"])
        #expect(try ledger.findings(state: .stale).map(\.fingerprint) == ["a"])
        #expect(try ledger.findings(state: .resolved).map(\.fingerprint) == ["B"])
        #expect(try ledger.openFindings().map(\.fingerprint) == ["z", "a"])
    }

    @Test func aFailedRecordLeavesNothingBehind() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        try connection.execute(
            "ALTER TABLE flowsight.firewall_load_minute ADD CHECK (bytes < 100)", deadline: .after(.seconds(10)))
        let before = try dump(connection)
        var evaluation = Samples.evaluation(until: after(3), (.opened, Samples.finding("aa")))
        evaluation.loads = [load(minute: 0, bytes: 100)]
        let error = #expect(throws: LedgerError.self) {
            try ledger.record(evaluation, receivers: ["ops"], clock: clock)
        }
        #expect(error?.code == .database)
        #expect(error?.isTransient == false)
        #expect(try dump(connection) == before)
    }

    @Test func loadIsShownInMegabitsASecond() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        var evaluation = Evaluation(evaluatedUntil: after(2))
        // 6,750,000,000 bytes in a minute are 900 Mbit/s; the second of a minute replaces the first.
        evaluation.loads = [
            load(minute: 0, bytes: 1), load(minute: 0, bytes: 6_750_000_000), load(minute: 1, bytes: 0, capacity: nil),
        ]
        try ledger.record(evaluation, receivers: [], clock: clock)
        evaluation.evaluatedUntil = after(3)
        evaluation.loads = [load(minute: 1, bytes: 7_500_000, capacity: nil)]
        try ledger.record(evaluation, receivers: [], clock: clock)
        #expect(
            try connection.lines(
                "SELECT \"time\" AT TIME ZONE 'UTC', load_mbps, capacity_mbps, utilisation, processed_mbps "
                    + "FROM flowsight.firewall_load ORDER BY 1")
                == ["2026-01-01 12:00:00|900|1000|0.9|850", "2026-01-01 12:01:00|1|-|-|850"])
    }

    @Test func sessionsAreShownOnce() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        var evaluation = Evaluation(evaluatedUntil: after(2))
        evaluation.asymmetricSessions = [session(), session()] + (0..<2_500).map { session(port: Int32($0)) }
        try ledger.record(evaluation, receivers: [], clock: clock)
        #expect(try connection.lines("SELECT count(*) FROM flowsight.asymmetric_session") == ["2501"])
        #expect(
            try connection.lines("SELECT * FROM flowsight.asymmetric_session WHERE client_port = 50000")
                == [
                    "2026-01-01 12:00:00+00|aa|192.168.0.0/16|/subnets/app|192.168.1.9|50000|10.2.1.4|443|6"
                        + "|gateway|firewall"
                ])
    }

    @Test func theFindingViewHasItsContractsColumns() throws {
        let connection = try database.connect()
        let ledger = Ledger(connection: connection)
        let resolved = Samples.resolved(Samples.finding("bb"), at: after(1))
        try ledger.record(
            Samples.evaluation(until: after(3), (.opened, Samples.finding("aa")), (.resolved, resolved)),
            receivers: [], clock: clock)
        #expect(
            try connection.lines(
                """
                SELECT state, records, sessions, client_count, bytes_sent, bytes_received,
                    subject ->> 'private_endpoint',
                    clients -> 0 ->> 'address', evidence -> 0 ->> 'what', routes -> 0 ->> 'next_hop_type', remedy ->> 1,
                    acknowledged, silenced, "time" = opened_at, resolved_at IS NULL
                FROM flowsight.open_finding
                """) == [
                    "open|12|7|1|9007199254740993|-|/pe/blob|10.2.1.4|a ping at the firewall|InterfaceEndpoint|"
                        + "Add a route|-|-|t|t"
                ])
        let document = Set(
            try connection.lines(
                "SELECT jsonb_object_keys(parts) FROM flowsight.finding_state WHERE fingerprint = 'aa'"))
        let columns = Set(
            try connection.lines(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'flowsight.finding'::regclass AND attnum > 0"))
        #expect(document.subtracting(columns).isEmpty)
    }

    @Test func everyViewAndColumnHasAComment() throws {
        let connection = try database.connect()
        let bare = try connection.lines(
            """
            SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relkind = 'v' AND c.relnamespace = 'flowsight'::regnamespace
            AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
            """)
        #expect(bare == [])
    }

    private func load(minute: Int64, bytes: Int64, capacity: Int64? = 7_500_000_000) -> FirewallLoadMinute {
        FirewallLoadMinute(
            firewall: "/firewall", minute: after(minute), bytes: bytes, capacityBytes: capacity,
            processedBytes: 6_375_000_000)
    }

    private func session(port: Int32 = 50_000) -> AsymmetricSession {
        AsymmetricSession(
            fingerprint: "aa", time: noon, from: "192.168.0.0/16", to: "/subnets/app",
            clientAddress: IPAddress(ipv4: 0xc0a8_0109), serverAddress: IPAddress(ipv4: 0x0a02_0104), clientPort: port,
            serverPort: 443, ipProtocol: 6, forward: "gateway", back: "firewall")
    }
}
