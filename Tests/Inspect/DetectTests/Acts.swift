import FlowModel

extension Logs {
    /// Healthy traffic of every source, once a minute: a session to the Internet through the firewall with its one
    /// opening row, told by the client's flow log.
    mutating func healthy(minutes: Range<Int>) {
        for minute in minutes {
            let second = Double(minute * 60) + 7
            let port = Int32(20_000 + minute)
            firewall(second, "10.2.1.4", port, "203.0.113.10", 443)
            flow(second + 0.1, "10.2.1.4", port, "203.0.113.10", 443, state: .begin)
            flow(
                second + 9, "10.2.1.4", port, "203.0.113.10", 443, state: .end, sent: (12, 2_400), received: (14, 9_000)
            )
            flow(
                second + 1, "10.2.1.5", port, "203.0.113.10", 443, state: .begin, mac: Network.backupMAC)
            flow(
                second + 9, "10.2.1.5", port, "203.0.113.10", 443, state: .end, sent: (5, 900), received: (5, 900),
                mac: Network.backupMAC)
            firewall(second + 1, "10.2.1.5", port, "203.0.113.10", 443)
            // A platform probe with no answer, and a denied connection that is tried again: both are health.
            flow(
                second + 3, "168.63.129.16", 23_456, "10.2.1.4", 80, state: .end, sent: (1, 128), at: .server,
                rule: "PlatformRule")
            for retry in 0..<4 {
                firewall(second + 20 + Double(retry), "10.2.1.4", port, "198.51.100.7", 25, action: .deny)
            }
        }
    }

    /// Probes of the private endpoint as the firewall sees them.
    mutating func probes(minutes: Range<Int>, from client: String = "10.2.1.4") {
        for minute in minutes {
            let second = Double(minute * 60)
            firewall(second + 11, client, -1, "10.2.2.5", -1, ipProtocol: IPProtocol.icmp)
            firewall(second + 12, client, 40_000, "10.2.2.5", 9_000, ipProtocol: IPProtocol.udp)
            flow(
                second + 12, client, 40_000, "10.2.2.5", 9_000, ipProtocol: IPProtocol.udp, state: .end, sent: (1, 80))
        }
    }

    /// Blobs read over TCP, as the client's flow log tells it; `inspected` adds the firewall's row.
    mutating func blobs(minutes: Range<Int>, inspected: Bool = false, begins: Bool = true) {
        for minute in minutes {
            let second = Double(minute * 60) + 15
            let port = Int32(50_000 + minute)
            if inspected { firewall(second - 0.02, "10.2.1.4", port, "10.2.2.5", 443) }
            if begins { flow(second, "10.2.1.4", port, "10.2.2.5", 443, state: .begin) }
            flow(second + 20, "10.2.1.4", port, "10.2.2.5", 443, state: .end, sent: (20, 4_000), received: (60, 80_000))
        }
    }

    /// Clients on-premises open to the application VM; its SYN-ACKs go to the firewall, which has no state.
    mutating func strays(
        sessions: Range<Int>, from minute: Int, flowLog: Bool = true, trace: Bool = true,
        opening: Bool = false, flag: String = "SYN-ACK INVALID", bytes: Int64 = 300
    ) {
        for session in sessions {
            let second = Double(minute * 60 + session * 20)
            let port = Int32(45_000 + session)
            if opening { firewall(second - 0.01, "192.168.7.20", port, "10.2.1.4", 8_443) }
            if flowLog {
                flow(second, "192.168.7.20", port, "10.2.1.4", 8_443, state: .begin, at: .server)
                flow(
                    second + 50, "192.168.7.20", port, "10.2.1.4", 8_443, state: .end, sent: (5, bytes),
                    received: (5, 300), at: .server)
            }
            if trace {
                firewall(
                    second + 0.01, "10.2.1.4", 8_443, "192.168.7.20", port, format: .azfwFlowTrace, flags: flag)
            }
        }
    }

    /// 20 flows from the backup VM to on-premises at `percent` of 1000 Mbit/s, one row a minute each, with a metric.
    mutating func backup(minutes: Range<Int>, percent: Double, metric: Double? = 1, streams: Int = 20) {
        let bytes = 7_500_000 * 1_000 * percent / Double(streams)
        for stream in 0..<streams {
            let port = Int32(33_000 + stream)
            let phase = Double(stream) * 2.7
            firewall(Double(minutes.lowerBound * 60) + phase, "10.2.1.5", port, "192.168.9.9", 873)
            flow(
                Double(minutes.lowerBound * 60) + phase, "10.2.1.5", port, "192.168.9.9", 873, state: .begin,
                mac: Network.backupMAC)
            for minute in minutes {
                let isLast = minute == minutes.upperBound - 1
                flow(
                    Double(minute * 60 + 60) + phase, "10.2.1.5", port, "192.168.9.9", 873,
                    state: isLast ? .end : .continue, sent: (60_000, Int64(bytes * 0.97)),
                    received: (30_000, Int64(bytes * 0.03)), mac: Network.backupMAC)
            }
        }
        guard let metric else { return }
        for minute in minutes { processed(Double(minute * 60), bytes: 7_500_000 * 1_000 * percent * metric) }
    }

    /// A machine of the hub opens to the private endpoint, once a minute, through the firewall; nobody answers.
    mutating func tries(
        _ minutes: Range<Int>, port: Int32 = 443, isAnswered: Bool = false, isAllowed: Bool = true,
        isAtFirewall: Bool = true, counts: Bool = true, begins: Bool = true, packets: Int64 = 4, bytes: Int64 = 240,
        ports: Int32 = 0
    ) {
        for minute in minutes {
            let second = Double(minute * 60) + 15
            let (from, to) = (Int32(51_000 + minute), port + ports * Int32(minute))
            if isAtFirewall {
                firewall(second - 0.02, "10.0.2.4", from, "10.2.2.5", to, action: isAllowed ? .allow : .deny)
            }
            if begins {
                flow(
                    second, "10.0.2.4", from, "10.2.2.5", to, state: .begin, mac: Network.sharedMAC,
                    log: Network.hubFlowLog, vantage: Network.hub)
            }
            guard counts else { continue }
            flow(
                second + 30, "10.0.2.4", from, "10.2.2.5", to, state: .end, sent: (packets, bytes),
                received: isAnswered ? (9, 4_000) : (0, 0), mac: Network.sharedMAC, log: Network.hubFlowLog,
                vantage: Network.hub)
        }
    }
}
