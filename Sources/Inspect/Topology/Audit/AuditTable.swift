internal import FlowModel

/// The audit for people: how many pairs of each verdict, then the private endpoints, worst first, then what to do.
///
/// Endpoints of one subnet whose clients fare alike share a block. Only counts and a few names of each are kept, so that
/// millions of pairs take little room.
package struct AuditTable: Sendable {
    fileprivate struct Line {
        var verdict: AuditPair.Verdict
        var isBlind: Bool
        var clients: [String] = []
        var count = 0
        var why: String
        /// Stands for clients with other reasons, too.
        var isMixed = false
    }

    fileprivate struct Block {
        var endpoints: [String]
        var subnet: String
        var lines: [Line] = []
        /// Of all verdicts and clients, in their order.
        var profile = Hasher64()

        func count(_ verdict: AuditPair.Verdict) -> Int {
            lines.reduce(0) { $0 + ($1.verdict == verdict ? $1.count : 0) }
        }
    }

    /// Blocks that are printed in full, and clients that are named in a line.
    private static let blockLimit = 12
    private static let clientLimit = 4

    private let network: Network
    private let problems: [TopologyProblem]
    private let hasWishes: Bool
    private var blocks: [Block] = []
    private var current: (id: String, block: Block)?
    private var counts: [AuditPair.Verdict: Int] = [:]
    private var blindCount = 0
    /// Pairs that are in the JSON only.
    private var uncountedCount = 0
    private var clients: Set<String> = []
    private var endpointCount = 0
    private var blockIndexes: [String: Int] = [:]

    package init(audit: Audit) {
        network = audit.topology.network
        problems = audit.topology.problems
        hasWishes = audit.hasWishes
    }

    /// Takes the pairs in the order in which the audit gives them.
    package mutating func add(_ pair: AuditPair) {
        guard pair.counts else {
            uncountedCount += 1
            return
        }
        counts[pair.verdict, default: 0] += 1
        if pair.isBlind { blindCount += 1 }
        clients.insert(pair.clientSubnet)
        if current?.id != pair.privateEndpoint { close(next: pair.privateEndpoint) }
        let client = clientName(pair.clientSubnet)
        current?.block.add(pair, client: client, limit: AuditTable.clientLimit)
    }

    private mutating func close(next id: String?) {
        if let (_, block) = current {
            let key = "\(block.subnet) \(block.profile.value)"
            if let index = blockIndexes[key] {
                blocks[index].endpoints += block.endpoints
            } else {
                blockIndexes[key] = blocks.count
                blocks.append(block)
            }
        }
        current = nil
        guard let id else { return }
        endpointCount += 1
        let endpoint = network.privateEndpoints[id]
        let addresses = (endpoint?.addresses ?? []).map(\.description).joined(separator: ", ")
        current = (
            id, Block(endpoints: ["\(endpoint?.name ?? lastPart(id)) \(addresses)"], subnet: endpoint?.subnet ?? "")
        )
    }

    private func clientName(_ id: String) -> String {
        if network.subnets[id] != nil { return network.subnetName(id) }
        let name = network.onPremises.first { $0.prefix.description == id }?.name
        return name.map { "\($0) \(id)" } ?? id
    }

    /// The whole text. `plan` holds the remedies of the same pairs.
    package mutating func text(plan: RemedyPlan) -> String {
        close(next: nil)
        let total = counts.values.reduce(0, +)
        var lines = [
            "\(total) pairs of \(clients.count) clients and \(endpointCount) private endpoints: "
                + AuditPair.Verdict.worstFirst.map { "\(counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
                + (blindCount > 0 ? "; \(blindCount) in no log that is on (blind)" : "")
        ]
        if uncountedCount > 0 {
            lines.append(
                "\(number(uncountedCount, "pair")) not shown: of subnets that hold private endpoints only, or that no overlay "
                    + "asks to inspect; --json lists them")
        }
        let sorted = blocks.sorted(by: isWorse)
        for block in sorted.prefix(AuditTable.blockLimit) { lines += [""] + text(of: block) }
        if sorted.count > AuditTable.blockLimit {
            let rest = sorted.dropFirst(AuditTable.blockLimit)
            let verdicts = AuditPair.Verdict.worstFirst.compactMap { verdict -> String? in
                let count = rest.reduce(0) { $0 + $1.count(verdict) * $1.endpoints.count }
                return count > 0 ? "\(count) \(verdict.rawValue)" : nil
            }
            lines += [
                "",
                "and \(rest.reduce(0) { $0 + $1.endpoints.count }) further private endpoints: "
                    + "\(verdicts.joined(separator: ", ")); --json lists every pair",
            ]
        }
        lines += nextSteps(plan) + problemLines()
        return lines.joined(separator: "\n")
    }

    private func isWorse(_ left: Block, _ right: Block) -> Bool {
        for verdict in AuditPair.Verdict.worstFirst.dropLast() {
            let (one, other) = (
                left.count(verdict) * left.endpoints.count, right.count(verdict) * right.endpoints.count
            )
            if one != other { return one > other }
        }
        return (left.subnet, left.endpoints[0]) < (right.subnet, right.endpoints[0])
    }

    private func text(of block: Block) -> [String] {
        var names = block.endpoints.prefix(AuditTable.clientLimit).joined(separator: ", ")
        if block.endpoints.count > AuditTable.clientLimit {
            names += " and \(block.endpoints.count - AuditTable.clientLimit) more, alike"
        }
        let rows = block.lines.map { line in
            let further = line.count - line.clients.count
            let clients = line.clients.joined(separator: ", ") + (further > 0 ? " and \(further) more" : "")
            return [
                "  \(line.verdict.rawValue)", clients,
                (line.isBlind ? "[blind] " : "") + line.why + (line.isMixed ? "; others for other reasons" : ""),
            ]
        }
        return ["\(names) (\(network.subnetName(block.subnet)))"] + columns(rows)
    }

    private func nextSteps(_ plan: RemedyPlan) -> [String] {
        var lines = ["", "What to do next:"]
        if !plan.actions.isEmpty {
            let routes = plan.sorted(.addRoute)
            let tables = Set(routes.compactMap(\.routeTable)).count
            var parts: [String] = []
            if !routes.isEmpty {
                parts.append(
                    "\(number(routes.count, "route")) in \(number(tables, "route table")) (\(plan.newTables.count) new)"
                )
            }
            let policies = plan.sorted(.setPolicies).count
            if policies > 0 { parts.append("network policies of \(number(policies, "subnet"))") }
            let settings = plan.sorted(.allowForwardedTraffic).count + plan.sorted(.propagateGatewayRoutes).count
            if settings > 0 { parts.append(number(settings, "setting")) }
            let devices = plan.translations.map(\.device.name)
            if !devices.isEmpty { parts.append("translation at \(devices.joined(separator: ", "))") }
            lines.append(
                "  \(number(plan.mendedCount, "pair")) can be mended by \(parts.joined(separator: ", ")): --remedy routes lists "
                    + "the changes, --remedy az and --remedy terraform write them")
        } else if hasWishes, counts.isEmpty, uncountedCount > 0 {
            lines.append(
                "  nothing was audited: the overlay's `inspect` asks for none of these pairs; mend it, or leave it out to audit "
                    + "them all")
        } else if plan.unmended.isEmpty {
            lines.append("  nothing: no pair that counts bypasses or breaks")
        }
        let reasons = plan.unmendedLines()
        lines += reasons.prefix(5).map { "  \($0)" }
        if reasons.count > 5 { lines.append("  and \(reasons.count - 5) further reasons: --json says them by pair") }
        return lines
    }

    private func number(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private func problemLines() -> [String] {
        guard !problems.isEmpty else { return [] }
        var lines = ["", "\(number(problems.count, "problem")) of the export:"]
        let names = ProblemNames(problems, in: network)
        lines += problems.prefix(10).map { problem in
            "  \(names.name(of: problem.resource))\(problem.field.isEmpty ? "" : " \(problem.field)"): \(problem.problem)"
        }
        if problems.count > 10 { lines.append("  and \(problems.count - 10) more: --json lists them all") }
        return lines
    }
}

extension AuditTable.Block {
    /// Clients of one verdict and reason share a line.
    fileprivate mutating func add(_ pair: AuditPair, client: String, limit: Int) {
        profile.combine("\(pair.verdict.rawValue) \(pair.isBlind) \(pair.clientSubnet)")
        let why = pair.why.replacing(client, with: "the client's subnet")
        let alike = lines.indices.filter { lines[$0].verdict == pair.verdict && lines[$0].isBlind == pair.isBlind }
        let index: Int
        if let known = alike.first(where: { lines[$0].why == why }) {
            index = known
        } else if alike.count >= limit, let last = alike.last {
            index = last  // So many reasons: the rest go by the last one.
            lines[index].isMixed = true
        } else {
            index = lines.firstIndex { $0.verdict.rank > pair.verdict.rank } ?? lines.count
            lines.insert(AuditTable.Line(verdict: pair.verdict, isBlind: pair.isBlind, why: why), at: index)
        }
        lines[index].count += 1
        if lines[index].clients.count < limit { lines[index].clients.append(client) }
    }
}

extension AuditPair.Verdict {
    static let worstFirst: [AuditPair.Verdict] = [.bypassed, .broken, .unknown, .inspected]

    var rank: Int { AuditPair.Verdict.worstFirst.firstIndex(of: self) ?? 0 }
}

/// FNV-1a, the same in every run.
private struct Hasher64 {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }  // Modulo 2^64.
        value = (value ^ 0xff) &* 0x100_0000_01b3
    }
}
