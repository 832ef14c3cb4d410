/// Act 2: on-premises clients open sessions to a machine of the spoke.
///
/// The gateway's subnet has no route for the machine, so the SYN comes past the firewall; the answer follows the
/// machine's default route to the firewall, which knows no session of it. Configured right, both ways lead
/// through it.
extension Lab {
    mutating func addAsymmetry() {
        var random = random("asymmetry")
        let first = schedule.start(ofMinute: schedule.asymmetry.lowerBound)
        let length = Int(Int64(schedule.asymmetry.count) * Clock.minute / 1_000)
        for index in 0..<scale.clientSessions {
            let client = plan.clients[index % plan.clients.count]
            let wanted = random.chance(percent: 80) ? plan.servicePorts[0] : plan.servicePorts[1]
            let begin = first + random.milliseconds(1_000...length - 150_000)
            let flow = Conversation(
                client: client, clientPort: port(of: client), server: plan.application.address, serverPort: wanted,
                begin: begin, end: begin)
            if options.isFixed { serve(flow, &random) } else { fail(flow, &random) }
        }
    }

    /// A session that never comes about: SYNs in, SYN-ACKs out, and no more either way.
    private mutating func fail(_ opening: Conversation, _ random: inout SplitMix64) {
        var flow = opening
        let delays = [0, 1, 3, 7, 15, 31].map { Int64($0) * Clock.second }
        let attempts = random.int(3...6)
        let answers = random.int(3...attempts)
        flow.end = flow.begin + delays[attempts - 1] + random.milliseconds(8_000...40_000)
        let counters = Counters(
            packetsSent: attempts, bytesSent: attempts * random.pick([52, 60, 66]),
            packetsReceived: answers, bytesReceived: answers * random.pick([52, 60, 66]))
        let rule = NetworkRule.serviceIn
        logTuple(flow, at: plan.application, inbound: true, rule: rule, state: "B", time: flow.begin)
        logTuple(flow, at: plan.application, inbound: true, rule: rule, state: "E", time: flow.end, counters)
        for delay in delays.prefix(answers) {
            trace(flow, flag: "INVALID", answer: true, at: flow.begin + delay + random.milliseconds(2...9))
        }
    }

    /// The same session through the firewall both ways.
    private mutating func serve(_ opening: Conversation, _ random: inout SplitMix64) {
        var flow = opening
        flow.end = flow.begin + random.milliseconds(2_000...120_000)
        flow.bytesSent = random.int(2_000...30_000)
        flow.bytesReceived = random.int(5_000...900_000)
        logFlow(flow, at: plan.application, inbound: true, rule: NetworkRule.serviceIn, crosses: true)
        openAtFirewall(flow, rule: "allow-site", delay: -random.milliseconds(2...8))
        traceWhole(flow, &random)
    }
}
