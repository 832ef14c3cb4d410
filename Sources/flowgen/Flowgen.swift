import ArgumentParser

/// Seeded traffic for demo, benchmark and fixtures.
///
/// Stands alone on purpose: it shares no code with the product that is judged against what it writes.
@main
struct Flowgen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flowgen",
        abstract: "Makes the lab: an Azure network, its logs, and the truth about both.",
        discussion: """
            Everything comes from one seed: the same seed gives the same bytes, another seed other addresses, names, \
            ports and order. Start with: flowgen lab --output lab --seed 7
            """,
        subcommands: [LabCommand.self, ListenCommand.self, CopiesCommand.self])
}
