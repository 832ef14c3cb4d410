import ArgumentParser
import Decode
import FlowModel
import Foundation

/// `flowsight decode`: what drops hold, without a database.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode", abstract: "Print what drops hold as normalised flow records, one JSON object a line.",
        discussion: """
            Reads files, plain or gzip, and folders of them; needs no database and no configuration. Records that stand \
            in a drop more than once are printed as often. What cannot be understood is told on standard error.

            Exit codes: 0 done, dead letters or not; 65 a path that cannot be read, or that holds neither a record nor \
            a log's envelope.
            """)

    @Argument(help: "Drops, or folders of drops.")
    var paths: [String]

    @Option(help: "Print the records of this format alone; auto prints all. Metric points are the format 'metrics'.")
    var format = FormatChoice.auto

    @Flag(help: "Print counts instead of records.")
    var summary = false

    @Flag(help: "Print the summary as one JSON object. Records are JSON anyway.")
    var json = false

    func run() throws {
        var printer = DecodePrinter(choice: format, printsRecords: !summary)
        var isUsable = true
        for path in paths {
            let holdsLog = try printer.decode(path: path)
            isUsable = isUsable && holdsLog
        }
        printer.letters.sayRest()
        if summary { print(json ? printer.counts.json : printer.counts.text) }
        if !isUsable { throw Exit.unusableInput }
    }
}

/// One format's name, `metrics`, or `auto` for all.
enum FormatChoice: ExpressibleByArgument {
    case auto, metrics
    case flows(LogFormat)

    init?(argument: String) {
        switch argument {
        case "auto": self = .auto
        case "metrics": self = .metrics
        default:
            guard let format = LogFormat(name: argument) else { return nil }
            self = .flows(format)
        }
    }

    var defaultValueDescription: String { "auto" }
    static var allValueStrings: [String] { ["auto", "metrics"] + LogFormat.allCases.map(\.name) }

    func includes(_ format: LogFormat) -> Bool {
        switch self {
        case .auto: return true
        case .metrics: return false
        case .flows(let chosen): return chosen == format
        }
    }

    var includesMetrics: Bool {
        switch self {
        case .auto, .metrics: return true
        case .flows: return false
        }
    }
}

/// Decodes drops, prints their records and counts what they held.
struct DecodePrinter {
    private let choice: FormatChoice
    private let printsRecords: Bool
    private var batch = FlowBatch()
    private var json = JSONWriter()
    private var rows = FlowRecordWriter()
    private let points = MetricWriter()
    private(set) var counts = DecodeCounts()
    var letters = DeadLetterTalk()

    init(choice: FormatChoice, printsRecords: Bool) {
        self.choice = choice
        self.printsRecords = printsRecords
    }

    /// Bytes of output after which they are written.
    private static let outputBytes = 1 << 18

    /// Decodes a file, or all drops of a folder; false where a drop could not be read or nothing in it is a log.
    mutating func decode(path: String) throws -> Bool {
        let drops: [String]
        do {
            drops = try listDrops([path])
        } catch is ExitCode {
            // It has said why.
            return false
        }
        var isReadable = true
        var holdsLog = false
        for drop in drops {
            let reader = DecodeReader(path: drop)
            do {
                while try reader.next(into: &batch) { try take() }
                try take()
            } catch let error as DecodeReader.Unreadable {
                say("flowsight: \(drop): \(error.cause)")
                isReadable = false
            }
            counts.records += reader.records
            if reader.holdsLog { holdsLog = true }
        }
        if isReadable, !holdsLog { say("flowsight: \(path): holds neither a record nor a log's envelope") }
        return isReadable && holdsLog
    }

    private mutating func take() throws {
        for (index, row) in batch.rows.enumerated() where choice.includes(row.format) {
            counts.flows[row.format, default: 0] += 1
            guard printsRecords else { continue }
            rows.write(row: index, of: batch, to: &json)
            if json.bytes.count >= Self.outputBytes { try flush() }
        }
        if choice.includesMetrics {
            counts.metrics += batch.metrics.count
            if printsRecords { for index in batch.metrics.indices { points.write(point: index, of: batch, to: &json) } }
        }
        for letter in batch.deadLetters {
            counts.deadLetters[letter.reason, default: 0] += 1
            letters.say(letter)
        }
        batch.removeAll()
        try flush()
    }

    private mutating func flush() throws {
        guard !json.bytes.isEmpty else { return }
        try FileHandle.standardOutput.write(contentsOf: Data(json.bytes))
        json.removeAll()
    }
}

/// What `decode --summary` tells.
struct DecodeCounts {
    /// Elements of the logs: flow records, metric points and dead ones.
    var records: Int64 = 0
    var metrics = 0
    var flows: [LogFormat: Int] = [:]
    var deadLetters: [DeadLetterReason: Int] = [:]

    private var flowCount: Int { flows.values.reduce(0, +) }
    private var deadLetterCount: Int { deadLetters.values.reduce(0, +) }

    var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("records"); json.value(records)
        json.key("flows"); json.value(flowCount)
        json.key("metrics"); json.value(metrics)
        json.key("dead_letters"); json.value(deadLetterCount)
        json.key("by_format")
        json.beginObject()
        for format in LogFormat.allCases {
            if let count = flows[format] { json.key(format.name); json.value(count) }
        }
        json.endObject()
        json.key("dead_letters_by_reason")
        json.beginObject()
        for reason in DeadLetterReason.allCases {
            if let count = deadLetters[reason] { json.key(reason.rawValue); json.value(count) }
        }
        json.endObject()
        json.endObject()
        return json.string
    }

    var text: String {
        var lines = ["records       \(records)", "flows         \(flowCount)"]
        for format in LogFormat.allCases { if let count = flows[format] { lines.append("  \(format.name): \(count)") } }
        lines += ["metric points \(metrics)", "dead letters  \(deadLetterCount)"]
        for reason in DeadLetterReason.allCases {
            if let count = deadLetters[reason] { lines.append("  \(reason.rawValue): \(count)") }
        }
        return lines.joined(separator: "\n")
    }
}

/// Tells dead letters on standard error, the first of them one by one.
struct DeadLetterTalk {
    private static let limit = 20
    private var count = 0

    mutating func say(_ letter: DeadLetter) {
        count += 1
        guard count <= Self.limit else { return }
        let tuple = letter.tuple.map { " tuple \($0)" } ?? ""
        let place = letter.record.map { "record \($0)\(tuple)" } ?? "byte \(letter.offset)"
        let category = letter.category.map { " (\($0))" } ?? ""
        flowsight.say("\(letter.file): \(place): \(letter.reason.rawValue)\(category): \(letter.detail)")
    }

    /// How many more there were.
    func sayRest() {
        if count > Self.limit { flowsight.say("and \(count - Self.limit) dead letters more") }
    }
}
