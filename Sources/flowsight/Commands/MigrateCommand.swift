import ArgumentParser
import Logging

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database's schema up to date.",
        discussion: "Safe to repeat, and to run twice at once. Forward only; data is kept.")

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let configuration = try options.read()
        let database = try openDatabase(configuration, log: makeLog(level: .warning), migrating: true)
        database.close()
        print("the schema is up to date")
    }
}
