import Digest
import FlowModel
import Postgres
import Runtime

/// What one commit does inside its transaction. Made for one attempt.
struct ExactlyOnceTransaction {
    let connection: Connection
    let deadline: Deadline
    let vocabulary: Vocabulary
    let load: Load
    let screening: Screening

    /// What is being done, for the error.
    private(set) var step = "opening a transaction"
    /// Why Store itself refuses the load, where it does.
    var refusal: StoreError?
    private(set) var batch: Int64 = 0
    private var flowCount = 0
    private var sums = MinuteSums()
    /// The source of each record's first row, as the database's id; -1 where no row of it is stored.
    private var recordSources: [Int32]

    init(connection: Connection, deadline: Deadline, vocabulary: Vocabulary, load: Load, screening: Screening) {
        self.connection = connection
        self.deadline = deadline
        self.vocabulary = vocabulary
        self.load = load
        self.screening = screening
        recordSources = [Int32](repeating: -1, count: load.sightings.flows.records.count)
    }

    private var flows: FlowBatch { load.sightings.flows }

    mutating func run() throws(PostgresError) -> CommitReceipt {
        let letters = flows.deadLetters + screening.deadLetters(of: flows)
        step = "opening the batch"
        batch = try openBatch(letters.count)
        step = "moving the lineages"
        let lineages = try moveLineages()
        step = "naming what rows refer to"
        let keys = try resolve()
        step = "making partitions"
        try Partitions(connection: connection, deadline: deadline).ensure(days: screening.days)
        step = "copying flow records"
        try copyFlows(keys)
        step = "copying metric points"
        try copyMetrics(keys)
        step = "copying sums"
        try copySums()
        step = "copying identity pages"
        try copyPages(lineages)
        step = "storing dead letters"
        let stored = try DeadLetterWriter(connection: connection, deadline: deadline).write(letters, batch: batch)
        step = "committing"
        return CommitReceipt(
            batch: batch, lineages: lineages, flows: flowCount, metrics: flows.metrics.count,
            deadLettersByReason: stored)
    }

    /// Asynchronous commit is safe here: rows and the checkpoint that says they were read are lost together, and read
    /// again. The lock makes commits take turns, so that ids of batches grow in the order of the commits, and so that
    /// two daemons cannot both begin the same lineage.
    private func openBatch(_ letters: Int) throws(PostgresError) -> Int64 {
        let lock: Int64 = 0x464c_4f57_0001
        try connection.execute(
            "SET LOCAL synchronous_commit = off; SELECT pg_advisory_xact_lock(\(lock))", deadline: deadline)
        let times = timeRange()
        let parameters: [Parameter] = [
            times.map { .text($0.lowerBound.description) } ?? .null,
            times.map { .text($0.upperBound.description) } ?? .null,
            .integer(Int64(flows.count - screening.refused.count)), .integer(Int64(flows.metrics.count)),
            .integer(Int64(letters)),
        ]
        let answer = try connection.execute(
            """
            INSERT INTO flowsight.batch (first_time, last_time, flows, metrics, dead_letters)
            VALUES ($1::timestamptz, $2::timestamptz, $3, $4, $5) RETURNING id
            """, parameters, deadline: deadline)
        guard let id = answer.first?.integer(0) else { throw unexpected("no id for a batch") }
        return id
    }

    private func timeRange() -> ClosedRange<EventTime>? {
        var first = EventTime(microseconds: .max)
        var last = EventTime(microseconds: .min)
        let rows = flows.rows
        for index in rows.indices where screening.keeps(index) {
            first = min(first, rows[index].time)
            last = max(last, rows[index].time)
        }
        for point in flows.metrics {
            first = min(first, point.time)
            last = max(last, point.time)
        }
        return first <= last ? first...last : nil
    }
}

// MARK: - Names

extension ExactlyOnceTransaction {
    private func resolve() throws(PostgresError) -> RowKeys {
        let mentions = Mentions(of: load.sightings, screening: screening)
        let resolver = TermResolver(connection: connection, deadline: deadline, vocabulary: vocabulary)
        var keys = RowKeys(for: load.sightings)
        try resolver.resolve(texts(mentions.source), in: .source, into: &keys.source)
        try resolver.resolve(texts(mentions.vantage), in: .vantage, into: &keys.vantage)
        try resolver.resolve(texts(mentions.rule), in: .rule, into: &keys.rule)
        try resolver.resolve(texts(mentions.acl), in: .acl, into: &keys.acl)
        try resolver.resolve(texts(mentions.file), in: .file, into: &keys.file)
        let formats = LogFormat.allCases.filter { mentions.format[Int($0.rawValue)] }
        try resolver.resolve(formats.map { (Int($0.rawValue), Term(text: $0.name)) }, in: .format, into: &keys.format)
        let observers = mentions.observer.indices.filter { mentions.observer[$0] }
        try resolver.resolve(
            observers.map { ($0, Term(load.sightings.observers[$0])) }, in: .observer, into: &keys.observer)
        let endpoints = mentions.endpoint.indices.filter { mentions.endpoint[$0] }
        try resolver.resolve(
            endpoints.map { ($0, Term(load.sightings.endpoints[$0])) }, in: .endpoint, into: &keys.endpoint)
        if mentions.withoutSource {
            var found: [Int32] = [0]
            try resolver.resolve([(0, Term(text: ""))], in: .source, into: &found)
            keys.noSource = found[0]
        }
        return keys
    }

    private func texts(_ marks: [Bool]) -> [(index: Int, term: Term)] {
        marks.indices.filter { marks[$0] }.map { index in
            (index, Term(text: storable(flows.texts.string(TextID(index: Int32(index))) ?? "")))
        }
    }
}

// MARK: - COPY

extension ExactlyOnceTransaction {
    private mutating func copyFlows(_ keys: RowKeys) throws(PostgresError) {
        guard flows.count > screening.refused.count else { return }
        var copy = FlowCopy(
            encoder: BinaryRowEncoder(reserving: 2 * FlowCopy.chunkBytes), keys: keys, texts: flows.texts, batch: batch)
        let writer = try open("flow_record", FlowCopy.columns)
        copy.encoder.header()
        let rows = flows.rows
        let records = flows.records
        for index in rows.indices where screening.keeps(index) {
            let row = rows[index]
            let place = load.sightings.sightings[index]
            copy.append(row, records[Int(row.record)], place)
            sums.add(row, place, keys)
            if recordSources[Int(row.record)] < 0 {
                recordSources[Int(row.record)] = row.source.isNone ? keys.noSource : keys.source[Int(row.source.index)]
            }
            if copy.encoder.count >= FlowCopy.chunkBytes {
                try writer.write(copy.encoder)
                copy.encoder.removeAll()
            }
        }
        copy.encoder.trailer()
        try writer.write(copy.encoder)
        flowCount = Int(try writer.finish())
    }

    private func copyMetrics(_ keys: RowKeys) throws(PostgresError) {
        guard !flows.metrics.isEmpty else { return }
        try copy("metric_point", MetricCopy.columns) { encoder in
            for point in flows.metrics { MetricCopy.append(point, flows, keys, batch: batch, to: &encoder) }
        }
    }

    private func copySums() throws(PostgresError) {
        guard !sums.sums.isEmpty else { return }
        try copy("flow_minute", SumsCopy.minuteColumns) { encoder in
            for (key, sum) in sums.sums { SumsCopy.append(key, sum, batch: batch, to: &encoder) }
        }
        try copy("coverage", SumsCopy.coverageColumns) { encoder in
            for coverage in sums.coverage { SumsCopy.append(coverage, batch: batch, to: &encoder) }
        }
        let clients = sums.firewallClients
        guard !clients.isEmpty else { return }
        try copy("firewall_client", SumsCopy.clientColumns) { encoder in
            for client in clients { SumsCopy.append(client, batch: batch, to: &encoder) }
        }
    }

    private func copyPages(_ lineages: [Int64]) throws(PostgresError) {
        guard load.advances.contains(where: { !$0.hashes.isEmpty }) else { return }
        var finder = RecordFinder(flows.records)
        try copy("identity_page", IdentityPages.columns) { encoder in
            for (advance, lineage) in zip(load.advances, lineages) {
                var pages = IdentityPages()
                for hash in advance.hashes {
                    let record = finder.index(of: hash)
                    pages.add(
                        hash, source: record.map { recordSources[$0] } ?? -1,
                        time: record.map { flows.records[$0].time })
                }
                pages.append(lineage: lineage, batch: batch, to: &encoder)
            }
        }
    }

    /// One COPY whose rows fit in memory: far fewer than the batch's flows.
    private func copy(
        _ table: String, _ columns: [String], _ encode: (inout BinaryRowEncoder) -> Void
    ) throws(PostgresError) {
        var encoder = BinaryRowEncoder()
        encoder.header()
        encode(&encoder)
        encoder.trailer()
        let writer = try open(table, columns)
        try writer.write(encoder)
        _ = try writer.finish()
    }

    private func open(_ table: String, _ columns: [String]) throws(PostgresError) -> CopyWriter {
        try connection.copyIn(copyStatement("flowsight." + table, columns), deadline: deadline)
    }
}

func copyStatement(_ table: String, _ columns: [String]) -> String {
    "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
}

/// An answer that only a bug of ours, or another's hand in our tables, brings about.
func unexpected(_ what: String) -> PostgresError {
    PostgresError(code: .statement, message: what, hint: "the schema was changed by hand; compare it with Schemas/sql")
}
