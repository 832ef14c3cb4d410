import Glibc
import Postgres
import TestSupport

/// A unix socket where a PostgreSQL server would listen, and which does what a test wants.
final class ListeningSocket: Sendable {
    let configuration: ConnectionConfiguration
    private let socket: Int32

    struct Failure: Error { let number = errno }

    init() throws {
        let folder = try makeTemporaryFolder()
        configuration = ConnectionConfiguration(host: folder, user: "u", database: "d")
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array((folder + "/.s.PGSQL.5432").utf8)) }
        let socket = socket
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(socket, 4) == 0 else { throw Failure() }
    }

    deinit { close(socket) }

    /// Asks for the password in clear, refuses it, and gives what came.
    func refusePassword() -> String {
        let peer = accept(socket, nil, nil)
        defer { close(peer) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        _ = read(peer, &bytes, bytes.count)  // StartupMessage
        send(peer, [UInt8(ascii: "R"), 0, 0, 0, 8, 0, 0, 0, 3])  // AuthenticationCleartextPassword
        let count = read(peer, &bytes, bytes.count)  // PasswordMessage: 'p', length, text, NUL
        let fields = Array("SFATAL\0VFATAL\0C28P01\0Mno such password\0Fauth.c\0L1\0Rauth_failed\0\0".utf8)
        send(peer, [UInt8(ascii: "E"), 0, 0, 0, UInt8(fields.count + 4)] + fields)  // ErrorResponse
        return count > 6 ? String(decoding: bytes[5..<(count - 1)], as: UTF8.self) : ""
    }

    private func send(_ peer: Int32, _ bytes: [UInt8]) { _ = Glibc.write(peer, bytes, bytes.count) }
}

func write(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0 else { throw ListeningSocket.Failure() }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw ListeningSocket.Failure() }
}
