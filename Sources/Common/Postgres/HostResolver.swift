internal import Glibc
internal import Runtime
internal import Synchronization

/// Turns host names into addresses before libpq sees them: libpq's own look-up blocks, without a deadline and deaf to
/// the stop signal.
///
/// The look-up runs on a thread of its own. One that outlives its deadline is left behind and ends with the resolver's
/// own timeouts (`man 5 resolv.conf`).
struct HostResolver {
    let stop: StopSignal?
    let deadline: Deadline

    /// The same parameters with `hostaddr` filled in, a host of several addresses once for each. Sockets, literals and
    /// an explicit `hostaddr` stay as they are.
    func resolve(_ parameters: [String: String]) throws(PostgresError) -> [String: String] {
        guard parameters["hostaddr"] == nil, let list = parameters["host"] else { return parameters }
        let hosts = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard hosts.contains(where: isName) else { return parameters }
        let ports = (parameters["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        var places: [(host: String, address: String, port: String)] = []
        for (index, host) in hosts.enumerated() {
            let port = ports.isEmpty ? "" : ports[ports.count == 1 ? 0 : min(index, ports.count - 1)]
            let addresses = isName(host) ? try lookUp(host) : [isSocket(host) ? "" : host]
            places += addresses.map { (host, $0, port) }
        }
        guard !places.isEmpty else {
            throw PostgresError(
                code: .connection, message: "the database's host name \(list) has no address",
                hint: "check the name in database.uri and the resolver of this machine")
        }
        var resolved = parameters
        resolved["host"] = places.map(\.host).joined(separator: ",")
        resolved["hostaddr"] = places.map(\.address).joined(separator: ",")
        resolved["port"] = places.map(\.port).joined(separator: ",")
        return resolved
    }

    private func lookUp(_ host: String) throws(PostgresError) -> [String] {
        let answer = Answer()
        _ = WorkerThread.start(name: "resolve") {
            let addresses = addressesOf(host)
            answer.addresses.withLock { $0 = addresses }
            answer.done.fire()
        }
        switch poll(answer.done.descriptor, for: .read, stop: stop, deadline: deadline) {
        case .ready: return answer.addresses.withLock { $0 }
        case .stopped: throw PostgresError(code: .stopped, message: "stopped while looking up \(host)")
        case .timedOut:
            throw PostgresError(
                code: .deadline, message: "looking up \(host) took too long", hint: "check the resolver of this machine"
            )
        }
    }

    private final class Answer: Sendable {
        let addresses = Mutex<[String]>([])
        let done = StopSignal()
    }
}

private func isSocket(_ host: String) -> Bool { host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") }

private func isName(_ host: String) -> Bool {
    var address = in6_addr()
    return !isSocket(host) && !host.contains("%")
        && inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1
}

/// In the resolver's order (RFC 6724); empty where the name has none.
private func addressesOf(_ host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var entry = list
    while let current = entry {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = getnameinfo(
            current.pointee.ai_addr, current.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        if failure == 0 {
            addresses.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        entry = current.pointee.ai_next
    }
    return addresses
}
