internal import FlowModel

/// Says what the rules of an Azure Firewall do with a flow [learn: firewall rule-processing].
///
/// DNAT rules are asked first, then network rules, then the network rules that DNAT rules imply, then application rules;
/// what no rule allows is denied. Not judged: threat intelligence and intrusion detection, which know bad addresses and
/// payloads, and the built-in names of the platform's infrastructure.
struct FirewallJudge {
    let rules: FirewallRules

    /// Further ports of a SQL server in redirect mode, on the same address [learn: inspect-traffic-with-azure-firewall].
    private static let redirectPorts = PortRanges([11000...11999])

    func judge(_ flow: FirewallFlow) -> FirewallRuling {
        var ruling = judge(flow, ports: flow.ports)
        if flow.ipProtocol == 6, flow.ports == PortRanges([1433...1433]), flow.destination.isPrivate {
            let further = judge(flow, ports: FirewallJudge.redirectPorts)
            if further.decision != ruling.decision {
                ruling.noteTranslation = further.allows == true ? further.translation : nil
                ruling.note = "in SQL's redirect mode ports \(FirewallJudge.redirectPorts) follow: \(further)"
            }
        }
        return ruling
    }

    private func judge(_ flow: FirewallFlow, ports: PortRanges) -> FirewallRuling {
        if let gap = rules.gap { return ruling(.unknown(reason: gap)) }
        var tally = FirewallTally(ports: ports)
        let translated = askNAT(flow, &tally)
        askNetwork(flow, &tally)
        let implied = askImplied(flow, &tally)
        if flow.ipProtocol == 6 { askApplication(flow, &tally) }
        var result = ruling(tally.decision())
        switch result.decision {
        case .unknown(let reason): if tally.mayTranslate { result.translation = .notKnown(reason: reason) }
        case .applicationRule: result.translation = .always
        case .natRule(let name):
            result.translation = .always
            if let rule = translated[name], let denial = denial(behind: rule, flow) { result.decision = denial }
        default: break
        }
        if implied {
            result.translation = .always
            result.knownIssue =
                "a DNAT rule of any source also translates what is sent to its target directly: a known issue"
        }
        return result
    }

    /// The vendor's pages disagree on whether a network rule that denies the translated traffic overrides a DNAT rule
    /// [learn: firewall rule-processing, firewall-manager rule-processing].
    private func denial(behind rule: FirewallNATRule, _ flow: FirewallFlow) -> FirewallRuling.Decision? {
        guard let address = rule.translatedAddress, let port = rule.translatedPort ?? flow.port else { return nil }
        let behind = FirewallFlow(source: flow.source, destination: address, ipProtocol: flow.ipProtocol, port: port)
        var tally = FirewallTally(ports: behind.ports)
        askNetwork(behind, &tally)
        guard case .networkRule(let name, allows: false) = tally.decision() else { return nil }
        return .unknown(reason: "whether network rule \(name) (deny) overrides DNAT rule \(rule.name) is disputed")
    }

    private func ruling(_ decision: FirewallRuling.Decision) -> FirewallRuling {
        FirewallRuling(
            decision: decision,
            translation: rules.learnsPrivateRanges == true
                ? .notKnown(reason: "learns its private ranges (autoLearnPrivateRanges): no export holds them")
                : .outsidePrivateRanges, note: nil)
    }

    // MARK: Kinds of rules

    /// What is sent to an address of the firewall itself. Returns the rules that may match, by name.
    private func askNAT(_ flow: FirewallFlow, _ tally: inout FirewallTally) -> [String: FirewallNATRule] {
        var asked: [String: FirewallNATRule] = [:]
        for rule in rules.nat where !tally.open.isEmpty {
            let ports = decidable(rule.ports, flow, tally)
            guard !ports.isEmpty, matches(rule.protocols, flow) else { continue }
            let match = match(rule.source, flow.source).and(match(rule.destination, flow.destination))
                .and(readable(rule.unreadable))
            if match != .no { asked[rule.name] = rule }
            tally.note(match, .natRule(rule.name), ports)
        }
        return asked
    }

    private func askNetwork(_ flow: FirewallFlow, _ tally: inout FirewallTally) {
        for rule in rules.network where !tally.open.isEmpty {
            guard matches(rule.protocols, flow), !flow.hasPorts || rule.ports.overlaps(tally.open) else {
                continue
            }
            let match = match(rule, flow)
            if case .no = match { continue }
            let decision = FirewallRuling.Decision.networkRule(rule.name, allows: rule.allows)
            tally.note(match, decision, decidable(rule.ports, flow, tally))
        }
    }

    private func match(_ rule: FirewallNetworkRule, _ flow: FirewallFlow) -> RuleMatch {
        match(rule.source, flow.source)
            .and(match(rule.destination, flow.destination).or(resolved(rule.names, flow)))
            .and(portless(rule.ports, flow)).and(readable(rule.unreadable))
    }

    /// A DNAT rule implies a network rule that allows the translated traffic after all network rules of one's own. With
    /// any source that rule also catches what goes to the address directly, and translates it [learn: firewall
    /// known-issues]; with other sources no page says so. Returns whether it translates what is asked about.
    private func askImplied(_ flow: FirewallFlow, _ tally: inout FirewallTally) -> Bool {
        var translates = false
        for rule in rules.nat where rule.translatedAddress == flow.destination {
            guard let port = rule.translatedPort, matches(rule.protocols, flow), flow.ports.contains(port) else {
                continue
            }
            let only = PortRanges([port...port])
            let ports = tally.open.intersection(only)
            let direct =
                rule.hasAnySource
                ? .yes
                : RuleMatch.maybe("no source says whether it holds for what is sent to \(flow.destination) directly")
            let match = match(rule.source, flow.source).and(direct).and(readable(rule.unreadable))
            if !ports.isEmpty { tally.note(match, .natRule(rule.name), ports) }
            if match == .yes, flow.ports == only { translates = true }
        }
        return translates
    }

    private func askApplication(_ flow: FirewallFlow, _ tally: inout FirewallTally) {
        for rule in rules.application where !tally.open.isEmpty {
            guard rule.ports.overlaps(tally.open) else { continue }
            let match = match(rule, flow)
            if case .no = match { continue }
            let decision = FirewallRuling.Decision.applicationRule(rule.name, allows: rule.allows)
            tally.note(match, decision, tally.open.intersection(rule.ports))
        }
    }

    private func match(_ rule: FirewallApplicationRule, _ flow: FirewallFlow) -> RuleMatch {
        match(rule.source, flow.source).and(match(rule.destination, flow.destination))
            .and(asked(rule, flow)).and(readable(rule.unreadable))
    }

    // MARK: Conditions

    private func decidable(_ ports: PortRanges, _ flow: FirewallFlow, _ tally: FirewallTally) -> PortRanges {
        flow.hasPorts ? tally.open.intersection(ports) : tally.open
    }

    private func portless(_ ports: PortRanges, _ flow: FirewallFlow) -> RuleMatch {
        flow.hasPorts || ports.isAll
            ? .yes : .maybe("no source says whether a rule for ports \(ports) counts for a protocol without ports")
    }

    private func matches(_ protocols: [RuleProtocol], _ flow: FirewallFlow) -> Bool {
        protocols.contains { $0.matches(flow.ipProtocol) }
    }

    private func readable(_ field: String?) -> RuleMatch { field.map { .maybe("\($0) cannot be read") } ?? .yes }

    private func match(_ addresses: RuleAddresses, _ address: IPAddress) -> RuleMatch {
        if addresses.isAny || addresses.ranges.contains(address) { return .yes }
        if let reason = addresses.unknowns.first { return .maybe(reason) }
        guard let tag = addresses.tags.first, !address.isPrivate else { return .no }
        return .maybe("no export holds the addresses of the service tag \(tag.name)")
    }

    /// A network rule's FQDNs, which the firewall resolves itself.
    private func resolved(_ patterns: [FQDNPattern], _ flow: FirewallFlow) -> RuleMatch {
        guard !patterns.isEmpty else { return .no }
        let match = match(patterns, flow)
        guard match == .yes, rules.isDNSProxy != true else { return match }
        return .maybe("it names FQDNs, and the export does not say that the firewall is the DNS proxy")
    }

    /// What an application rule asks of the name.
    private func asked(_ rule: FirewallApplicationRule, _ flow: FirewallFlow) -> RuleMatch {
        let byName = match(rule.names, flow)
        guard let opaque = rule.opaque else { return byName }
        return byName.or(.maybe("no export says which names \(opaque) holds"))
    }

    /// One of the patterns must hold for all names of the destination, or which one is asked for decides.
    private func match(_ patterns: [FQDNPattern], _ flow: FirewallFlow) -> RuleMatch {
        guard !patterns.isEmpty else { return .no }
        if patterns.contains(.any) { return .yes }
        guard let first = flow.askedNames.first else { return .maybe("the destination's names are not known") }
        let match = match(patterns, first)
        for name in flow.askedNames.dropFirst() where self.match(patterns, name) != match {
            return .maybe("it holds for some of the destination's names: \((flow.names ?? []).joined(separator: ", "))")
        }
        return match
    }

    private func match(_ patterns: [FQDNPattern], _ name: AskedName) -> RuleMatch {
        var result = RuleMatch.no
        for pattern in patterns {
            result = result.or(name.match(pattern))
            if case .yes = result { return .yes }
        }
        return result
    }
}
