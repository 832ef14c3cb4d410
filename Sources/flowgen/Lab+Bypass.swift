/// Act 1: a machine scans the private endpoint and reads blobs from it.
///
/// The /32 of a private endpoint steers TCP only. So the user route for its subnet brings the firewall the ICMP and
/// the UDP, and not the traffic; the machine's own flow log has the UDP, unanswered, and the TCP both ways. Flow logs
/// never hold ICMP. Configured right, the firewall has the openings of the TCP, too.
extension Lab {
    private static let probeRule = "allow-diagnostics"
    private static let blobRule = "allow-blob"

    mutating func addBypass() {
        var random = random("bypass")
        let act = schedule.bypass
        let share = act.count / scale.scanRounds
        for round in 0..<scale.scanRounds {
            let begin = schedule.start(ofMinute: act.lowerBound + round * share) + random.milliseconds(2_000...50_000)
            scan(at: begin, &random)
        }
        // Every session begins and ends inside the act.
        let first = schedule.start(ofMinute: act.lowerBound)
        let length = Int(Int64(act.count) * Clock.minute / 1_000)
        for _ in 0..<scale.blobReads {
            let begin = first + random.milliseconds(1_000...length - 100_000)
            readBlob(at: begin, seconds: random.double(0.4...80), &random)
        }
    }

    /// One round: pings, UDP ports, TCP ports, within about two minutes.
    private mutating func scan(at begin: Int64, _ random: inout SplitMix64) {
        var time = begin
        for _ in 0..<random.int(2...5) {
            pingAtFirewall(
                from: plan.application.address, to: plan.privateEndpoint, at: time, rule: Lab.probeRule,
                probeVerdict(&random))
            time += random.milliseconds(990...1_020)
        }
        let ports = random.shuffled([53, 69, 123, 137, 161, 500, 514, 1_900, 4_500, 5_060])
        for port in ports.prefix(random.int(4...7)) {
            probe(port: port, at: time, &random)
            time += random.milliseconds(300...4_000)
        }
        for port in random.shuffled([22, 80, 445, 3_389, 8_080]).prefix(random.int(2...4)) {
            knock(port: port, at: time, &random)
            time += random.milliseconds(300...4_000)
        }
        readBlob(at: time, seconds: 0.3, &random)
    }

    /// Whether the firewall's rules let probes pass: always, never or now and then, by seed.
    private func probeVerdict(_ random: inout SplitMix64) -> Verdict {
        switch options.seed % 3 {
        case 0: .allow
        case 1: random.chance(percent: 50) ? .allow : .deny
        default: .deny
        }
    }

    private func towardsEndpoint(port: Int, clientPort: Int, begin: Int64, end: Int64) -> Conversation {
        Conversation(
            client: plan.application.address, clientPort: clientPort, server: plan.privateEndpoint, serverPort: port,
            begin: begin, end: end)
    }

    /// A UDP port: a packet or two, never an answer.
    private mutating func probe(port: Int, at begin: Int64, _ random: inout SplitMix64) {
        var flow = towardsEndpoint(
            port: port, clientPort: self.port(of: plan.application.address), begin: begin,
            end: begin + random.milliseconds(4_000...9_000))
        flow.ipProtocol = 17
        let packets = random.int(1...2)
        logUnanswered(flow, packets: packets, bytes: packets * random.int(29...90), crosses: true)
        openAtFirewall(flow, rule: Lab.probeRule, probeVerdict(&random))
    }

    /// A TCP port that nothing listens on; a firewall on the way denies it.
    private mutating func knock(port: Int, at begin: Int64, _ random: inout SplitMix64) {
        let flow = towardsEndpoint(
            port: port, clientPort: self.port(of: plan.application.address), begin: begin,
            end: begin + random.milliseconds(7_000...12_000))
        logUnanswered(flow, packets: 4, bytes: 4 * 60, crosses: options.isFixed)
        if options.isFixed { denyAtFirewall(flow, attempts: 4, &random) }
    }

    /// What the machine's flow log holds of a flow that nobody answers.
    mutating func logUnanswered(_ flow: Conversation, packets: Int, bytes: Int, crosses: Bool, rule: String? = nil) {
        let rule = rule ?? NetworkRule.vnetOut
        let counters = Counters(packetsSent: packets, bytesSent: bytes)
        logTuple(flow, at: plan.application, rule: rule, state: "B", time: flow.begin)
        logTuple(
            flow, at: plan.application, rule: rule, state: "E", time: flow.end, since: crosses ? flow.begin : nil,
            counters)
    }

    /// TCP 443: what the private endpoint is there for.
    private mutating func readBlob(at begin: Int64, seconds: Double, _ random: inout SplitMix64) {
        var flow = towardsEndpoint(
            port: 443, clientPort: port(of: plan.application.address), begin: begin,
            end: begin + Int64(seconds * Double(Clock.second)))
        flow.bytesSent = random.int(1_800...9_000)
        flow.bytesReceived = random.int(6_000...40_000) + Int(seconds * Double(random.int(20_000...250_000)))
        logFlow(flow, at: plan.application, rule: NetworkRule.vnetOut, crosses: options.isFixed)
        guard options.isFixed else { return }
        openAtFirewall(flow, rule: Lab.blobRule)
        traceWhole(flow, &random)
    }
}
