import ArgumentParser
import Foundation

/// `flowgen listen`: a receiver of webhooks for tests and demos, on the loopback address only.
struct ListenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Receives webhooks on 127.0.0.1 and writes each as one line of JSON.",
        discussion: """
            Answers 204, or 503 to the first requests of each webhook-id where --fail-first says so. Each line holds \
            received_at, method, path, webhook_id, webhook_timestamp, attempt, answered, signature_valid (Standard \
            Webhooks v1; null without --secret-file) and body (body_text where it is not JSON).

            Example:
              flowgen listen --output alerts.ndjson --port-file port --secret-file secret --fail-first 1
            """)

    @Option(name: .long, help: ArgumentHelp("Lines are appended to this file.", valueName: "file"))
    var output: String

    @Option(name: .long, help: ArgumentHelp("Gets the port, once the listener is ready.", valueName: "file"))
    var portFile: String

    @Option(name: .long, help: ArgumentHelp("The signing secret: whsec_ and its key in base64.", valueName: "file"))
    var secretFile: String?

    @Option(name: .long, help: ArgumentHelp("Answer 503 to so many requests of each webhook-id.", valueName: "number"))
    var failFirst: Int = 0

    @Option(name: .long, help: ArgumentHelp("End after so many seconds; without it, on SIGTERM.", valueName: "seconds"))
    var stopAfter: Double?

    @Option(name: .long, help: ArgumentHelp("The port to listen on; 0 lets the system choose.", valueName: "number"))
    var port: UInt16 = 0

    func validate() throws {
        guard failFirst >= 0 else { throw ValidationError("--fail-first takes 0 or more.") }
        if let stopAfter, stopAfter < 0 || stopAfter > 86_400 {
            throw ValidationError("--stop-after takes 0 to 86400 seconds.")
        }
    }

    func run() throws {
        var key: [UInt8]?
        if let secretFile {
            guard let found = WebhookSignature.key(secret: try String(contentsOfFile: secretFile, encoding: .utf8))
            else {
                throw LabError("\(secretFile) holds no secret of the form whsec_… (base64)")
            }
            key = found
        }
        let log = try WebhookLog(path: output, key: key, failFirst: failFirst)
        let listener = try WebhookListener(port: port, log: log)
        try Data("\(listener.port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic)
        FileHandle.standardError.write(Data("flowgen: listening on http://127.0.0.1:\(listener.port)/\n".utf8))
        try listener.run(until: stopAfter.map { ContinuousClock.now + .seconds($0) })
    }
}
