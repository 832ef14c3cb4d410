/// The firewall's logs of the lab, by Azure's names of their categories.
enum FirewallCategory: String, CaseIterable {
    case networkRule = "AZFWNetworkRule"
    case applicationRule = "AZFWApplicationRule"
    case flowTrace = "AZFWFlowTrace"
    case dnsQuery = "AZFWDnsQuery"
    case fatFlow = "AZFWFatFlow"
    case metrics = "Metrics"

    /// The name of the format in a normalised flow record; nil for metrics, which are no flows.
    var format: String? {
        switch self {
        case .networkRule: "azfw-network-rule"
        case .applicationRule: "azfw-application-rule"
        case .flowTrace: "azfw-flow-trace"
        case .dnsQuery: "azfw-dns-query"
        case .fatFlow: "azfw-fat-flow"
        case .metrics: nil
        }
    }

    /// The storage container that diagnostic settings write it to.
    var container: String { self == .metrics ? "insights-metrics-pt1m" : "insights-logs-\(rawValue.lowercased())" }
}

/// One line of a log, with its event time.
struct LogRow {
    let time: Int64
    let text: String
}

/// Azure Firewall's structured logs (vendor page "Azure Firewall monitoring data reference"): no bytes, no end, one row
/// for each attempt to open.
extension Lab {
    enum Verdict: String { case allow = "Allow", deny = "Deny" }

    private mutating func add(_ category: FirewallCategory, at time: Int64, _ properties: String) {
        guard time >= schedule.base, time < schedule.end else { return }
        let text = style.firewallRecord(
            time: time, category: category.rawValue, resource: plan.firewallID.uppercased(), properties: properties)
        firewallRows[category, default: []].append(LogRow(time: time, text: text))
    }

    /// Source and destination of a packet of `conversation`: the client's own, or the server's answer.
    private func ends(_ conversation: Conversation, answer: Bool = false) -> String {
        let client = (conversation.client, conversation.clientPort)
        let server = (conversation.server, conversation.serverPort)
        let (source, destination) = answer ? (server, client) : (client, server)
        return "\"SourceIp\":\"\(source.0)\",\"SourcePort\":\(source.1),"
            + "\"DestinationIp\":\"\(destination.0)\",\"DestinationPort\":\(destination.1)"
    }

    private func judged(_ verdict: Verdict, rule: String, isApplication: Bool = false) -> String {
        guard verdict == .allow else {
            return "\"Action\":\"Deny\",\"Policy\":\"\",\"RuleCollectionGroup\":\"\",\"RuleCollection\":\"\","
                + "\"Rule\":\"\",\"ActionReason\":\"Default Action\""
        }
        let words = plan.words
        let collection = isApplication ? words.applicationCollection : words.networkCollection
        return "\"Action\":\"Allow\",\"Policy\":\"\(words.policy)\",\"RuleCollectionGroup\":\"\(words.ruleGroup)\","
            + "\"RuleCollection\":\"\(collection)\",\"Rule\":\"\(rule)\",\"ActionReason\":\"\""
    }

    /// A network-rule row: one packet that opens, `delay` microseconds after the conversation's begin.
    mutating func openAtFirewall(
        _ conversation: Conversation, rule: String, _ verdict: Verdict = .allow, delay: Int64 = 1_400
    ) {
        let properties =
            "\"Protocol\":\"\(conversation.protocolName)\",\(ends(conversation)),\(judged(verdict, rule: rule))"
        add(.networkRule, at: conversation.begin + delay, properties)
    }

    /// The rows of a denied connection: one for each SYN, about a second apart.
    mutating func denyAtFirewall(_ conversation: Conversation, attempts: Int, _ random: inout SplitMix64) {
        var delay: Int64 = 1_400
        for _ in 0..<attempts {
            openAtFirewall(conversation, rule: "", .deny, delay: delay)
            delay += random.milliseconds(980...1_060)
        }
    }

    /// A ping: no ports, the type in the protocol.
    mutating func pingAtFirewall(from: Address, to: Address, at time: Int64, rule: String, _ verdict: Verdict) {
        let properties =
            "\"Protocol\":\"ICMP Type=8\",\"SourceIp\":\"\(from)\",\"SourcePort\":0,\"DestinationIp\":\"\(to)\","
            + "\"DestinationPort\":0,\(judged(verdict, rule: rule))"
        add(.networkRule, at: time, properties)
    }

    /// An application-rule row: it names the host, not the address.
    mutating func openAtProxy(_ conversation: Conversation, host: String, rule: String, delay: Int64) {
        let properties =
            "\"Protocol\":\"HTTPS\",\"SourceIp\":\"\(conversation.client)\",\"SourcePort\":\(conversation.clientPort),"
            + "\"DestinationPort\":\(conversation.serverPort),\"Fqdn\":\"\(host)\",\"TargetUrl\":\"\","
            + judged(.allow, rule: rule, isApplication: true)
            + ",\"IsTlsInspected\":false,\"WebCategory\":\"\",\"IsExplicitProxyRequest\":false"
        add(.applicationRule, at: conversation.begin + delay, properties)
    }

    /// One flow-trace row; source and destination are those of the packet, so an answer's are turned round.
    mutating func trace(_ conversation: Conversation, flag: String, answer: Bool, at time: Int64) {
        let properties =
            "\"Protocol\":\"TCP\",\(ends(conversation, answer: answer)),\"Action\":\"Log\","
            + "\"ActionReason\":\"Additional TCP Log\",\"Flag\":\"\(flag)\""
        add(.flowTrace, at: time, properties)
    }

    /// The flow trace of a session that goes through the firewall both ways.
    mutating func traceWhole(_ conversation: Conversation, _ random: inout SplitMix64) {
        let begin = conversation.begin
        if style.traceShowsSYN { trace(conversation, flag: "SYN", answer: false, at: begin + 1_500) }
        trace(conversation, flag: "SYN-ACK", answer: true, at: begin + random.milliseconds(4...40))
        if random.chance(percent: 3) {
            trace(conversation, flag: "RST", answer: random.chance(percent: 50), at: conversation.end)
            return
        }
        trace(conversation, flag: "FIN", answer: false, at: conversation.end)
        trace(conversation, flag: "FIN-ACK", answer: true, at: conversation.end + random.milliseconds(1...30))
    }

    /// A query that the firewall's DNS proxy answered.
    mutating func dnsAtFirewall(
        _ name: String, from: Address, port: Int, at time: Int64, _ random: inout SplitMix64
    ) {
        let size = name.utf8.count + 28
        let exists = !random.chance(percent: 2)
        let seconds = "0.00\(random.int(10_000...99_999))"
        let properties =
            "\"SourceIp\":\"\(from)\",\"SourcePort\":\(port),\"QueryId\":\(random.int(1...65_535)),"
            + "\"QueryType\":\"A\",\"QueryClass\":\"IN\",\"QueryName\":\"\(name).\",\"Protocol\":\"udp\","
            + "\"RequestSize\":\(size),\"DnssecOkBit\":false,\"EDNS0BufferSize\":1232,"
            + "\"ResponseCode\":\"\(exists ? "NOERROR" : "NXDOMAIN")\",\"ResponseFlags\":\"qr,rd,ra\","
            + "\"ResponseSize\":\(size + 16),\"RequestDurationSecs\":\(seconds),\"ErrorNumber\":0,\"ErrorMessage\":\"\""
        add(.dnsQuery, at: time, properties)
    }

    /// A fat-flow sample; the rate is text with the noise of a floating-point number, as real exports write it.
    mutating func fatFlow(from: Address, _ fromPort: Int, to: Address, _ toPort: Int, rate: Double, at time: Int64) {
        let thousandths = max(8, Int(rate * 1_000))
        let fraction = String(String(thousandths % 1_000 + 1_000).dropFirst())
        let properties =
            "\"Protocol\":\"TCP\",\"SourceIp\":\"\(from)\",\"SourcePort\":\(fromPort),\"DestinationIp\":\"\(to)\","
            + "\"DestinationPort\":\(toPort),\"FlowRate\":\"\(thousandths / 1_000).\(fraction)0000000000001\""
        add(.fatFlow, at: time, properties)
    }
}
