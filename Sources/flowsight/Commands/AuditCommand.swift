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

            Exit codes: 0 nothing that counts bypasses or breaks ("cannot tell" is an answer), 2 something does, 64 \
            wrong usage, 65 a topology that cannot be used.
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
        let isClean = json ? printJSON(audit) : printText(audit)
        if !isClean { throw Exit.findingsOpen }
    }

    /// The pairs are written as they come: there may be millions.
    private func printJSON(_ audit: Audit) -> Bool {
        var isClean = true
        var report = AuditReport(audit: audit)
        audit.forEachPair { pair in
            if pair.isOpen { isClean = false }
            report.add(pair)
            if report.bytes.count > 1 << 16 { write(report.take()) }
        }
        report.finish()
        write(report.take())
        return isClean
    }

    private func printText(_ audit: Audit) -> Bool {
        var isClean = true
        var table = AuditTable(audit: audit)
        var plan = RemedyPlan(audit: audit)
        audit.forEachPair { pair in
            if pair.isOpen { isClean = false }
            table.add(pair)
            plan.add(pair)
        }
        switch remedy {
        case nil: print(table.text(plan: plan))
        case .routes?: print(plan.routesText())
        case .az?: print(plan.shellScript())
        case .terraform?: print(plan.terraform())
        }
        return isClean
    }

    private func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }
}
