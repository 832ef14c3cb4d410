import Foundation
import Synchronization

/// Set by SIGTERM and SIGINT; the loop looks at it at least five times a second.
private let isStopped = Atomic<Bool>(false)

/// A small HTTP/1.1 server on 127.0.0.1: one thread, `poll`, bounded in connections and bytes.
final class WebhookListener {
    private struct Connection {
        let descriptor: Int32
        var input: [UInt8] = []
        var deadline: ContinuousClock.Instant
    }

    private static let connectionsLimit = 64
    private static let idleSeconds = 60

    let port: UInt16
    private let listening: Int32
    private let log: WebhookLog
    private var connections: [Connection] = []

    init(port wanted: UInt16, log: WebhookLog) throws(LabError) {
        self.log = log
        listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard listening >= 0 else { throw WebhookListener.failure("socket") }
        var yes: Int32 = 1
        setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = wanted.bigEndian
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = listening
        let isBound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 16) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard isBound else {
            let failure = WebhookListener.failure("bind to 127.0.0.1:\(wanted)")
            close(socket)
            throw failure
        }
        port = UInt16(bigEndian: name.sin_port)
    }

    deinit {
        for connection in connections { close(connection.descriptor) }
        close(listening)
    }

    private static func failure(_ what: String) -> LabError {
        LabError("cannot \(what): \(String(cString: strerror(errno)))")
    }

    /// Serves until `end`, SIGTERM or SIGINT.
    func run(until end: ContinuousClock.Instant?) throws(LabError) {
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in isStopped.store(true, ordering: .relaxed) }
        }
        signal(SIGPIPE, SIG_IGN)
        while !isStopped.load(ordering: .relaxed) {
            if let end, .now >= end { return }
            try turn()
        }
    }

    /// One wait of at most 200 ms and what came of it.
    private func turn() throws(LabError) {
        var waits = connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        if connections.count < WebhookListener.connectionsLimit {
            waits.append(pollfd(fd: listening, events: Int16(POLLIN), revents: 0))
        }
        let ready = poll(&waits, nfds_t(waits.count), 200)
        guard ready >= 0 || errno == EINTR else { throw WebhookListener.failure("poll") }
        let now = ContinuousClock.now
        var kept: [Connection] = []
        for (place, connection) in connections.enumerated() {
            var connection = connection
            let hasInput = ready > 0 && waits[place].revents != 0
            let lives = hasInput ? try serve(&connection) : now < connection.deadline
            if lives { kept.append(connection) } else { close(connection.descriptor) }
        }
        let hasNew = ready > 0 && waits.count > connections.count && waits[waits.count - 1].revents != 0
        connections = kept
        if hasNew { accept() }
    }

    private func accept() {
        let descriptor = Foundation.accept(listening, nil, nil)
        guard descriptor >= 0 else { return }  // the client is gone again
        connections.append(Connection(descriptor: descriptor, deadline: WebhookListener.nextDeadline))
    }

    private static var nextDeadline: ContinuousClock.Instant { .now + .seconds(idleSeconds) }

    /// Reads what is there and answers whole requests; false where the connection is at its end.
    private func serve(_ connection: inout Connection) throws(LabError) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(connection.descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        guard count > 0 else { return false }
        connection.input.append(contentsOf: chunk[..<count])
        connection.deadline = WebhookListener.nextDeadline
        while !connection.input.isEmpty {
            switch WebhookRequest.parse(connection.input) {
            case .incomplete(let continues):
                return continues ? send("HTTP/1.1 100 Continue\r\n\r\n", to: connection) : true
            case .refused(let status):
                _ = answer(status, to: connection, closes: true)
                return false
            case .request(let request, let consumed):
                connection.input.removeFirst(consumed)
                let closes = request.headers["connection"]?.lowercased() == "close"
                guard answer(try log.receive(request), to: connection, closes: closes), !closes else { return false }
            }
        }
        return true
    }

    private func answer(_ status: Int, to connection: Connection, closes: Bool) -> Bool {
        let reasons = [
            204: "No Content", 400: "Bad Request", 405: "Method Not Allowed", 411: "Length Required",
            413: "Content Too Large", 431: "Request Header Fields Too Large", 503: "Service Unavailable",
        ]
        // A 204 has no body and no length (RFC 9110, section 8.6).
        let length = status == 204 ? "" : "Content-Length: 0\r\n"
        let connectionLine = closes ? "Connection: close\r\n" : ""
        let start = "HTTP/1.1 \(status) \(reasons[status] ?? "Error")\r\n"
        return send("\(start)\(length)\(connectionLine)\r\n", to: connection)
    }

    /// Answers are some hundred bytes: what does not fit into an empty socket buffer is a client that is gone.
    private func send(_ text: String, to connection: Connection) -> Bool {
        let bytes = Array(text.utf8)
        return Foundation.send(connection.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
