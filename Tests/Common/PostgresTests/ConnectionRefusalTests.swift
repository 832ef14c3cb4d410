import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

/// What happens before a connection stands, against sockets that play a server: no PostgreSQL is needed.
@Suite struct ConnectionRefusalTests {
    @Test func aServerThatIsNotThereIsTransientAndNamedWithAHint() throws {
        let configuration = ConnectionConfiguration(host: try makeTemporaryFolder(), user: "u", database: "d")
        let error = #expect(throws: PostgresError.self) { _ = try connect(configuration) }
        #expect(error?.code == .connection && error?.sqlState == nil && error?.isTransient == true)
        #expect(error?.hint != nil && error?.message.contains("u@/tmp/") == true)
    }

    @Test func aServerThatTakesTheConnectionAndNeverSpeaksMeetsTheDeadline() throws {
        let server = try ListeningSocket()
        let error = #expect(throws: PostgresError.self) {
            _ = try Connection(server.configuration, stop: nil, deadline: .after(.milliseconds(100)))
        }
        #expect(error?.code == .deadline)
    }

    @Test func aStopEndsTheWaitForAServerThatNeverSpeaks() throws {
        let server = try ListeningSocket()
        let stop = StopSignal()
        let thread = WorkerThread.start(name: "stopper") { stop.fire() }
        let error = #expect(throws: PostgresError.self) {
            _ = try Connection(server.configuration, stop: stop, deadline: .never)
        }
        #expect(error?.code == .stopped)
        thread.join()
    }

    @Test func thePasswordComesFromTheFileAndTheRefusalIsClassified() throws {
        let server = try ListeningSocket()
        let file = try makeTemporaryFolder() + "/password"
        try write("from-the-file\n", to: file)
        var configuration = server.configuration
        configuration.passwordFile = file
        let heard = BoundedQueue<String>(limit: 1)
        let thread = WorkerThread.start(name: "server") { _ = heard.push(server.refusePassword(), stop: nil) }
        let error = #expect(throws: PostgresError.self) { _ = try connect(configuration) }
        thread.join()
        #expect(heard.pop(until: .after(.zero), stop: nil) == "from-the-file")
        #expect(error?.code == .connection && error?.sqlState == "28P01" && error?.isTransient == false)
        #expect(error?.message.hasSuffix("FATAL:  no such password") == true)
        #expect(error?.hint?.contains("password_file") == true)
    }

    @Test(arguments: [nil, "", "\n", String(repeating: "x", count: 5000)] as [String?])
    func aPasswordFileWithoutAPasswordIsRefused(content: String?) throws {
        let file = try makeTemporaryFolder() + "/password"
        if let content { try write(content, to: file) }
        let configuration = try ConnectionConfiguration(uri: "postgresql://u@h/d", passwordFile: file)
        let error = #expect(throws: PostgresError.self) { _ = try connect(configuration) }
        #expect(error?.code == .connection && error?.isTransient == false && error?.message.contains(file) == true)
    }

    @Test func aHostNameWithoutAddressIsTransient() throws {
        // RFC 6761: a name under .invalid never has an address.
        let configuration = ConnectionConfiguration(host: "database.invalid", user: "u", database: "d")
        let error = #expect(throws: PostgresError.self) { _ = try connect(configuration) }
        #expect(error?.code == .connection && error?.isTransient == true)
        #expect(error?.message.contains("database.invalid") == true)
    }

    @Test(arguments: [
        "postgresql://u:SECRET@h/d", "postgresql://u:SECRET@[::1/d", "postgresql://u:SECRET%zz@h/d",
        "postgresql://u:SECRET/more@h:5432/d", "postgresql://u:SECRET?x@h/d", "postgresql://u:SECRET#x@h/d",
        "postgresql://u:1/SECRET@h/d", "postgresql://u@h:SECRET/d", "postgresql://u@h/d?password=SECRET",
        "postgresql://u@h/d?pasword=SECRET", "host=h password=SECRET", "host=h password='SECRET", "SECRET",
        "postgresql://u:1?SECRET@h/d", "postgresql://u:SE@CRET@h/d",
    ])
    func noSecretOfAURIGetsIntoATextAboutIt(uri: String) {
        var texts: [String] = []
        do {
            let configuration = try ConnectionConfiguration(uri: uri)
            texts = ["\(configuration)", String(reflecting: configuration)]
            var dumped = ""
            dump(configuration, to: &dumped)
            texts.append(dumped)
            let stop = StopSignal()
            stop.fire()
            _ = try Connection(configuration, stop: stop, deadline: .after(.zero))
        } catch {
            texts.append("\(error)")
        }
        for text in texts { #expect(!text.contains("SECRET") && !text.contains("CRET"), "\(text)") }
    }

    @Test func aURIReadsAsPsqlReadsIt() throws {
        let configuration = try ConnectionConfiguration(uri: "postgresql://u:p@h:5433/d?application_name=x")
        #expect("\(configuration)" == "u@h:5433/d" && configuration.applicationName == "x")
        #expect(try ConnectionConfiguration(uri: "host=h dbname=d").applicationName == "flowsight")
    }

    @Test(
        arguments: [
            (PostgresError.Code.connection, nil, true), (.deadline, nil, true), (.stopped, nil, false),
            (.copy, nil, false),
            (.server, nil, false), (.statement, nil, false), (.statement, "08006", true), (.statement, "40001", true),
            (.statement, "40P01", true), (.copy, "53100", true), (.connection, "57P01", true),
            (.connection, "57P03", true),
            (.statement, "57014", false), (.statement, "58030", true), (.statement, "25006", true),
            (.statement, "25P02", false), (.connection, "28P01", false), (.connection, "3D000", false),
            (.copy, "22021", false), (.statement, "23505", false), (.statement, "42P01", false),
            (.migration, nil, false),
        ] as [(PostgresError.Code, String?, Bool)])
    func errorsAreTransientOrPermanent(code: PostgresError.Code, sqlState: String?, isTransient: Bool) {
        #expect(PostgresError(code: code, sqlState: sqlState, message: "").isTransient == isTransient)
    }
}
