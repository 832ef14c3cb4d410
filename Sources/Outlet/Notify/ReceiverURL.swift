internal import FlowModel
package import Foundation
internal import Glibc

/// Where a receiver listens: http or https, without credentials, and not one of the addresses that nobody may be sent
/// to.
///
/// The guard against requests to the cloud's own services (metadata service and wire server answer any process on the
/// machine) judges hosts that are addresses, in whatever notation. It does not resolve names: URLSession resolves
/// again, so that the answer could differ. The URL is the operator's, and no redirect is followed. Private and loopback
/// addresses are where receivers often live, and are allowed.
package struct ReceiverURL: Sendable, CustomStringConvertible {
    package let url: URL

    package init(_ text: String, receiver: String) throws(NotifyError) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), let host = url.host, !host.isEmpty
        else {
            throw NotifyError(
                .url, place: receiver, message: "the url is not a URL with a host",
                hint: "write it like https://alerts.example.com/hook")
        }
        guard scheme == "https" || scheme == "http" else {
            throw NotifyError(
                .url, place: receiver, message: "the url's scheme is neither https nor http", hint: "use https")
        }
        guard url.user == nil, url.password == nil else {
            throw NotifyError(
                .url, place: receiver, message: "the url holds a user name or password",
                hint: "take it out of the url; requests are authenticated by secret_file")
        }
        if let address = numericAddress(host), let why = refusal(of: address) {
            throw NotifyError(
                .url, place: receiver, message: "the url's host is \(address): \(why)",
                hint: "alerts cannot go there; use the receiver's own address")
        }
        self.url = url
    }

    /// Scheme, host and port. Path and query often carry the secret of the receiver's side, so they never leave this
    /// type.
    package var description: String {
        let port = url.port.map { ":\($0)" } ?? ""
        let rest = (url.path.isEmpty || url.path == "/") && url.query == nil ? "" : "/…"
        return "\(url.scheme ?? "")://\(url.host ?? "")\(port)\(rest)"
    }
}

/// The address that a host is where it is no name. As the C library reads it: `0xa9fea9fe` and `2852039166` are
/// 169.254.169.254, too.
private func numericAddress(_ host: String) -> IPAddress? {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    var found: UnsafeMutablePointer<addrinfo>?
    let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    guard getaddrinfo(bare, nil, &hints, &found) == 0, let first = found else { return nil }
    defer { freeaddrinfo(first) }
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard let address = first.pointee.ai_addr,
        getnameinfo(
            address, first.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
    else { return nil }
    let bytes = text.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: "%")) }.map { UInt8(bitPattern: $0) }
    return IPAddress(String(decoding: bytes, as: UTF8.self))
}

private func refusal(of address: IPAddress) -> String? {
    refused.first { IPPrefix($0.prefix)?.contains(address) ?? false }?.why
}

private let refused = [
    (prefix: "169.254.0.0/16", why: "link-local, where the cloud's metadata service answers"),
    (prefix: "168.63.129.16/32", why: "Azure's wire server"),
    (prefix: "100.100.100.200/32", why: "a cloud's metadata service"),
    (prefix: "fd00:ec2::254/128", why: "a cloud's metadata service"),
    (prefix: "fe80::/10", why: "link-local"),
    (prefix: "0.0.0.0/8", why: "no host"),
    (prefix: "::/128", why: "no host"),
    (prefix: "224.0.0.0/4", why: "multicast"),
    (prefix: "ff00::/8", why: "multicast"),
]
