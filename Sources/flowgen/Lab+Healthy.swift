/// The traffic that is right: nothing of it may open a finding.
extension Lab {
    private static let hosts = [
        "www.example.com", "api.example.net", "cdn.example.org", "packages.example.com", "telemetry.example.net",
        "login.example.org",
    ]

    /// A public address of the ranges for documentation (RFC 5737).
    private func publicAddress(_ random: inout SplitMix64) -> Address {
        let block = random.pick([Address(192, 0, 2, 0), Address(198, 51, 100, 0), Address(203, 0, 113, 0)])
        return Address(bits: block.bits + UInt32(random.int(1...254)))
    }

    mutating func addHealthyTraffic() {
        var random = random("healthy")
        for minute in 0..<schedule.minutes {
            let start = schedule.start(ofMinute: minute)
            let sessions = max(2, scale.webPerMinute + random.int(-scale.webPerMinute / 4...scale.webPerMinute / 4))
            for index in 0..<sessions {
                browse(at: start + random.milliseconds(0...59_900), isFirst: index == 0 && minute % 2 == 0, &random)
            }
            for _ in 0..<scale.lookupsPerMinute { lookUp(at: start + random.milliseconds(0...59_000), &random) }
            let place = start + random.milliseconds(0...45_000)
            if minute % 2 == 0 { synchroniseClock(at: place, &random) }
            if minute % 3 == 0 { beDenied(at: place, &random) }
            if minute % 3 == 1 { trickle(at: place, &random) }
            if minute % 3 == 2 { sampleWeb(at: place, &random) }
            if minute % 4 == 1 { beRefusedByGroup(at: place, &random) }
            if minute % 2 == 1 { resolveFromSite(at: place, &random) }
            if minute % 5 == 2 { inspectBackup(at: place, &random) }
        }
    }

    /// A web session through the firewall: one opening row, by a network rule or by an application rule.
    private mutating func browse(at begin: Int64, isFirst: Bool, _ random: inout SplitMix64) {
        let machine = random.chance(percent: 85) ? plan.application : plan.backup
        let isLong = random.chance(percent: 2)
        let length = isLong ? random.milliseconds(360_000...840_000) : random.milliseconds(200...45_000)
        let flow = Conversation(
            client: machine.address, clientPort: port(of: machine.address), server: publicAddress(&random),
            serverPort: random.chance(percent: 85) ? 443 : 80, begin: begin, end: begin + length,
            bytesSent: random.int(900...12_000), bytesReceived: random.int(3_000...400_000))
        logFlow(flow, at: machine, rule: NetworkRule.internetOut, crosses: true)
        // Each second minute surely has a row of either kind: every log goes on to speak.
        if flow.serverPort == 443, isFirst || random.chance(percent: 45) {
            openAtProxy(
                flow, host: random.pick(Lab.hosts), rule: "allow-web-hosts", delay: random.milliseconds(12...70))
        } else {
            openAtFirewall(flow, rule: "allow-web")
            traceWhole(flow, &random)
        }
    }

    /// A name: the machine asks the resolver, directly; the resolver asks the firewall's DNS proxy.
    private mutating func lookUp(at begin: Int64, _ random: inout SplitMix64) {
        let machine = random.chance(percent: 80) ? plan.application : plan.backup
        let name = random.chance(percent: 15) ? plan.storageName : random.pick(Lab.hosts)
        let size = name.utf8.count + 56
        let query = Conversation(
            client: machine.address, clientPort: port(of: machine.address), server: plan.resolver.address,
            serverPort: 53, ipProtocol: 17, begin: begin, end: begin + random.milliseconds(3...30), bytesSent: size,
            bytesReceived: size + random.int(16...120))
        logFlow(query, at: machine, rule: NetworkRule.vnetOut)
        logFlow(query, at: plan.resolver, inbound: true, rule: NetworkRule.vnetIn)
        guard random.chance(percent: 70) else { return }  // the rest is in the resolver's cache
        let forward = Conversation(
            client: plan.resolver.address, clientPort: port(of: plan.resolver.address), server: plan.firewall,
            serverPort: 53, ipProtocol: 17, begin: begin + 400, end: begin + random.milliseconds(2...25),
            bytesSent: size, bytesReceived: size + random.int(16...120))
        logFlow(forward, at: plan.resolver, rule: NetworkRule.vnetOut)
        dnsAtFirewall(name, from: forward.client, port: forward.clientPort, at: begin + 900, &random)
    }

    /// On-premises asks the resolver: past the firewall both ways, as the routes say, and so symmetric.
    private mutating func resolveFromSite(at begin: Int64, _ random: inout SplitMix64) {
        let client = random.pick(plan.clients)
        let flow = Conversation(
            client: client, clientPort: port(of: client), server: plan.resolver.address, serverPort: 53,
            ipProtocol: random.pick([6, 17, 17]), begin: begin, end: begin + random.milliseconds(5...60),
            bytesSent: random.int(80...400), bytesReceived: random.int(120...900))
        logFlow(flow, at: plan.resolver, inbound: true, rule: NetworkRule.vnetIn)
    }

    /// NTP through the firewall.
    private mutating func synchroniseClock(at begin: Int64, _ random: inout SplitMix64) {
        let machine = random.pick([plan.application, plan.backup])
        let flow = Conversation(
            client: machine.address, clientPort: port(of: machine.address), server: publicAddress(&random),
            serverPort: 123, ipProtocol: 17, begin: begin, end: begin + random.milliseconds(8...50), bytesSent: 90,
            bytesReceived: 90)
        logFlow(flow, at: machine, rule: NetworkRule.internetOut, crosses: true)
        openAtFirewall(flow, rule: "allow-time")
    }

    /// A connection that the firewall denies: the client tries six times, and six rows say so.
    private mutating func beDenied(at begin: Int64, _ random: inout SplitMix64) {
        let isLocal = random.chance(percent: 30)
        let flow = Conversation(
            client: plan.application.address, clientPort: port(of: plan.application.address),
            server: isLocal ? random.pick(plan.clients) : publicAddress(&random),
            serverPort: random.pick([25, 1_433, 3_389, 5_985, 8_080]), begin: begin,
            end: begin + random.milliseconds(6_500...9_000))
        logUnanswered(flow, packets: 6, bytes: 6 * 60, crosses: false, rule: NetworkRule.internetOut)
        denyAtFirewall(flow, attempts: 6, &random)
    }

    /// A connection to a closed port of the machine: its NSG denies it or, configured right, the firewall before it.
    private mutating func beRefusedByGroup(at begin: Int64, _ random: inout SplitMix64) {
        let client = random.pick(plan.clients)
        let flow = Conversation(
            client: client, clientPort: port(of: client), server: plan.application.address,
            serverPort: random.pick([445, 3_389, 5_985]), begin: begin, end: begin)
        if options.isFixed {
            denyAtFirewall(flow, attempts: 4, &random)
        } else {
            logTuple(
                flow, at: plan.application, inbound: true, rule: NetworkRule.denyIn, state: "D", time: begin)
        }
    }

    /// The backup's small change: one of its vaults is told what is new.
    private mutating func trickle(at begin: Int64, _ random: inout SplitMix64) {
        let flow = Conversation(
            client: plan.backup.address, clientPort: port(of: plan.backup.address), server: random.pick(plan.vaults),
            serverPort: plan.backupPort, begin: begin, end: begin + random.milliseconds(1_000...30_000),
            bytesSent: random.int(20_000...2_000_000), bytesReceived: random.int(2_000...20_000))
        logFlow(flow, at: plan.backup, rule: NetworkRule.internetOut, crosses: true)
        openAtFirewall(flow, rule: "allow-backup")
        traceWhole(flow, &random)
    }

    /// On-premises looks after the backup machine: through the firewall both ways in either lab.
    private mutating func inspectBackup(at begin: Int64, _ random: inout SplitMix64) {
        let client = plan.clients[0]
        let flow = Conversation(
            client: client, clientPort: port(of: client), server: plan.backup.address, serverPort: 22, begin: begin,
            end: begin + random.milliseconds(800...20_000), bytesSent: random.int(2_500...9_000),
            bytesReceived: random.int(3_000...60_000))
        logFlow(flow, at: plan.backup, inbound: true, rule: NetworkRule.serviceIn, crosses: true)
        openAtFirewall(flow, rule: "allow-site", delay: -random.milliseconds(2...8))
        traceWhole(flow, &random)
    }

    /// A fat-flow sample of a web session: the answer's direction, towards the address that the firewall lent.
    private mutating func sampleWeb(at time: Int64, _ random: inout SplitMix64) {
        fatFlow(
            from: publicAddress(&random), 443, to: random.pick(plan.instances), random.int(1_024...65_000),
            rate: random.double(0.008...6), at: time)
    }
}
