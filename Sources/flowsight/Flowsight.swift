import ArgumentParser

@main
struct Flowsight: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flowsight",
        abstract: "Holds what your firewall and flow logs saw against what your routes say they should have seen.",
        discussion: """
            Drops of Azure Firewall, NSG and VNet flow logs go in; findings and webhooks come out.

            Exit codes: 0 done, 1 failed, 2 findings open, 64 wrong usage, 65 input that cannot be used, 78 wrong \
            configuration or a database of another schema version.
            """,
        version: version,
        subcommands: [
            RunCommand.self, ReplayCommand.self, DecodeCommand.self, ExplainCommand.self, AuditCommand.self,
            FindingsCommand.self, TopologyCommand.self, CheckCommand.self, MigrateCommand.self,
        ])

    static let version = "0.1.0"
}
