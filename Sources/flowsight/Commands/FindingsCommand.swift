import ArgumentParser
import FlowModel
import Foundation
import Ledger

/// `flowsight findings`: what is, or was, wrong.
struct FindingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "findings",
        abstract: "List findings, or show one of them.",
        subcommands: [List.self, Show.self],
        defaultSubcommand: List.self)

    /// Which findings are listed.
    enum StateChoice: String, ExpressibleByArgument, CaseIterable {
        case open, stale, resolved, all

        var state: Finding.State? { Finding.State(rawValue: rawValue) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List findings, those that opened first on top.")

        @OptionGroup var options: ConfigurationOptions

        @Option(name: .long, help: "Which findings: open, stale, resolved or all.")
        var state = StateChoice.all

        @Flag(name: .long, help: "Add why, the routes that won and what to do to each.")
        var why = false

        @Flag(name: .long, help: "Print a JSON array of the findings, as they are stored.")
        var json = false

        func run() throws {
            try withLedger(config: options.file, embedded: options.embedded) { ledger in
                if json {
                    let documents = try ledger.findingDocuments(state: state.state)
                    printOut("[" + documents.joined(separator: ",") + "]\n")
                } else {
                    printOut(FindingText.ofStandardOutput().list(try ledger.findings(state: state.state), withWhy: why))
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a finding: why, routes, evidence, and how to mend it.")

        @Argument(help: "The finding's fingerprint, as the list shows it.")
        var fingerprint: String

        @OptionGroup var options: ConfigurationOptions

        @Flag(name: .long, help: "Print the finding as JSON, as it is stored.")
        var json = false

        func run() throws {
            try withLedger(config: options.file, embedded: options.embedded) { ledger in
                if json {
                    guard let document = try ledger.findingDocument(fingerprint: fingerprint) else { throw noFinding() }
                    printOut(document + "\n")
                } else {
                    guard let finding = try ledger.finding(fingerprint: fingerprint) else { throw noFinding() }
                    printOut(FindingText.ofStandardOutput().show(finding))
                }
            }
        }

        private func noFinding() -> ExitCode {
            say("flowsight: there is no finding \(fingerprint); `flowsight findings` lists all")
            return Exit.failed
        }
    }
}

extension FindingText {
    /// For standard output: as wide as its terminal, coloured only there, and not where `NO_COLOR` is set
    /// (no-color.org).
    static func ofStandardOutput() -> FindingText {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let environment = ProcessInfo.processInfo.environment
        var size = winsize()
        let hasSize = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let columns = environment["COLUMNS"].flatMap { Int($0) }
        return FindingText(
            width: hasSize ? Int(size.ws_col) : columns ?? 100,
            isColoured: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty)
    }
}

private func printOut(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
}
