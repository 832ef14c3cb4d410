import Glibc
import Runtime
import Synchronization

/// A real HTTP receiver on the loopback: one thread, one request a connection, answers from a script.
///
/// Its own few lines on sockets, sharing no code with what it judges.
final class HTTPListener: Sendable {
    struct Request: Sendable {
        var path: String
        /// Names in lower case.
        var headers: [String: String]
        var body: [UInt8]
    }

    /// What the listener does with a request.
    enum Answer: Sendable {
        case status(Int, headers: [String: String] = [:], body: String = "")
        /// Says nothing until the listener is closed.
        case silence
        /// Sends a head with 200 and then a body without end.
        case endless
        /// Closes without a word.
        case hangUp
    }

    let port: UInt16
    private let socket: Int32
    private let stop = StopSignal()
    private let taken = Mutex<[Request]>([])
    private let script: @Sendable (Int) -> Answer
    private let thread = Mutex<WorkerThread?>(nil)

    /// - Parameter script: gets the number of the request, from 0.
    init(_ script: @escaping @Sendable (Int) -> Answer) {
        self.script = script
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                let failure = bind(socket, generic, length) | listen(socket, 64)
                return failure | getsockname(socket, generic, &length)
            }
        }
        precondition(bound == 0, "no loopback socket: \(errno)")
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
        let worker = WorkerThread.start(name: "listener") { [weak self, stop] in
            while true {
                guard case .ready = poll(socket, for: .read, stop: stop, deadline: .never), let self else { return }
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                self.serve(connection)
                Glibc.close(connection)
            }
        }
        thread.withLock { $0 = worker }
    }

    /// Listens with one answer for all.
    convenience init(answering status: Int) { self.init { _ in .status(status) } }

    var url: String { "http://127.0.0.1:\(port)/hook" }
    var requests: [Request] { taken.withLock { $0 } }

    func close() {
        stop.fire()
        thread.withLock { $0 }?.join()
        Glibc.close(socket)
    }

    private func serve(_ connection: Int32) {
        guard let request = read(connection) else { return }
        let number = taken.withLock { taken in
            taken.append(request)
            return taken.count - 1
        }
        switch script(number) {
        case .status(let status, let headers, let body):
            let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
            let length = body.utf8.count
            send(
                "HTTP/1.1 \(status) X\r\nContent-Length: \(length)\r\nConnection: close\r\n\(lines)\r\n\(body)",
                to: connection)
        case .silence: stop.wait(until: .after(.seconds(60)))
        case .endless:
            send("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n", to: connection)
            while !stop.isFired, send(String(repeating: "x", count: 1024), to: connection) {}
        case .hangUp: return
        }
    }

    @discardableResult
    private func send(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let request = parse(bytes) { return request }
            guard case .ready = poll(connection, for: .read, stop: stop, deadline: .after(.seconds(20))) else {
                return nil
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
    }

    private func parse(_ bytes: [UInt8]) -> Request? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        let body = bytes[end.upperBound...]
        guard let length = headers["content-length"].flatMap({ Int($0) }), body.count >= length else { return nil }
        let path = lines.first?.split(separator: " ").dropFirst().first ?? ""
        return Request(path: String(path), headers: headers, body: Array(body))
    }
}
