import ArgumentParser
import FlowModel
import Foundation
import Topology

struct AuditCommand: ParsableCommand {
    enum Remedy: String, ExpressibleByArgument, CaseIterable { case routes, az, terraform }

    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Judge TCP from every client subnet to every private endpoint, before any packet.",
        discussion: """
            Clients are the subnets that can hold workloads, and the on-premises ranges, of the private endpoint's \
            routing domain. --remedy prints what to change instead of the pairs: a table, Azure CLI commands or \
            Terraform blocks, each change tried in the model first.

            Where an overlay has `inspect`, all pairs are listed and only those that it asks for count.

            Exit codes: 0 nothing that counts bypasses or breaks ("cannot tell" is an answer), 2 something does, or \
            `inspect` asks for none of the pairs, 64 wrong usage, 65 a topology that cannot be used.
            """)

    @OptionGroup var input: TopologyInput

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Print what to change: routes, az or terraform.", valueName: "form"))
    var remedy: Remedy?

    func validate() throws {
        guard !json || remedy == nil else {
            throw ValidationError("--json holds the remedies of all pairs: give it or --remedy")
        }
    }

    func run() throws {
        let topology = try input.read()
        let audit = Audit(topology: topology)
        var tally = Tally(hasWishes: audit.hasWishes)
        if json { printJSON(audit, &tally) } else { printText(audit, &tally) }
        if !tally.isClean { throw Exit.findingsOpen }
    }

    private struct Tally {
        let hasWishes: Bool
        var isOpen = false
        var countsAny = false
        var holdsAny = false

        mutating func add(_ pair: AuditPair) {
            holdsAny = true
            isOpen = isOpen || pair.isOpen
            countsAny = countsAny || pair.counts
        }

        /// A wish that asks for nothing was not fulfilled, it was mistyped.
        var isClean: Bool { !isOpen && (countsAny || !holdsAny || !hasWishes) }
    }

    /// The pairs are written as they come: there may be millions.
    private func printJSON(_ audit: Audit, _ tally: inout Tally) {
        var report = AuditReport(audit: audit)
        audit.forEachPair { pair in
            tally.add(pair)
            report.add(pair)
            if report.bytes.count > 1 << 16 { write(report.take()) }
        }
        report.finish()
        write(report.take())
    }

    private func printText(_ audit: Audit, _ tally: inout Tally) {
        var table = AuditTable(audit: audit)
        var plan = RemedyPlan(audit: audit)
        audit.forEachPair { pair in
            tally.add(pair)
            table.add(pair)
            plan.add(pair)
        }
        switch remedy {
        case nil: print(table.text(plan: plan))
        case .routes?: print(plan.routesText())
        case .az?: print(plan.shellScript())
        case .terraform?: print(plan.terraform())
        }
    }

    private func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }
}
