package import FlowModel

/// A session: who opened to whom, in one routing domain.
package struct SessionKey: Hashable, Sendable {
    package var client: IPAddress
    package var server: IPAddress
    package var clientPort: Int32
    package var serverPort: Int32
    package var domain: Int32
    package var ipProtocol: Int16

    package init(
        client: IPAddress, server: IPAddress, clientPort: Int32, serverPort: Int32, domain: Int32, ipProtocol: Int16
    ) {
        self.client = client
        self.server = server
        self.clientPort = clientPort
        self.serverPort = serverPort
        self.domain = domain
        self.ipProtocol = ipProtocol
    }
}

extension SessionKey: RankedKey {
    package var rank: UInt64 {
        var mixer = Mixer()
        for address in [client, server] {
            mixer.mix(address.upper)
            mixer.mix(address.lower)
        }
        mixer.mix(UInt64(UInt32(bitPattern: clientPort)) << 32 | UInt64(UInt32(bitPattern: serverPort)))
        mixer.mix(UInt64(UInt16(bitPattern: ipProtocol)))
        return mixer.value
    }

    package var folded: SessionKey? { nil }
}

extension SessionKey: Comparable {
    package static func < (left: SessionKey, right: SessionKey) -> Bool {
        if left.client != right.client { return left.client < right.client }
        if left.server != right.server { return left.server < right.server }
        if left.clientPort != right.clientPort { return left.clientPort < right.clientPort }
        if left.serverPort != right.serverPort { return left.serverPort < right.serverPort }
        if left.ipProtocol != right.ipProtocol { return left.ipProtocol < right.ipProtocol }
        return left.domain < right.domain
    }
}

/// What a two-way witness counted of a session in one minute.
package struct SessionCounts: Mergeable {
    /// The earliest `begin` row; nil where the minute holds none.
    package var begin: EventTime?
    /// The earliest row that shows something received.
    package var answered: EventTime?
    package var first: EventTime
    package var last: EventTime
    package var records: Int64 = 1
    package var packetsSent: Int64
    package var bytesSent: Int64
    package var packetsReceived: Int64
    package var bytesReceived: Int64

    package mutating func merge(_ other: SessionCounts) {
        begin = earlier(begin, other.begin)
        answered = earlier(answered, other.answered)
        first = min(first, other.first)
        last = max(last, other.last)
        records += other.records
        packetsSent = saturatingSum(packetsSent, other.packetsSent)
        bytesSent = saturatingSum(bytesSent, other.bytesSent)
        packetsReceived = saturatingSum(packetsReceived, other.packetsReceived)
        bytesReceived = saturatingSum(bytesReceived, other.bytesReceived)
    }
}

/// The earlier of two times of which either may be missing.
package func earlier(_ left: EventTime?, _ right: EventTime?) -> EventTime? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
}
