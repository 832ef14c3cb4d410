/// One tuple of a VNet flow log, before it stands in a record.
struct FlowTuple {
    let time: Int64
    let rule: String
    let text: String
}

/// What was counted since the previous row of a flow.
struct Counters {
    var packetsSent = 0
    var bytesSent = 0
    var packetsReceived = 0
    var bytesReceived = 0
}

/// The rules that flow logs name.
enum NetworkRule {
    static let internetOut = "DefaultRule_AllowInternetOutBound"
    static let vnetOut = "DefaultRule_AllowVnetOutBound"
    static let vnetIn = "DefaultRule_AllowVnetInBound"
    static let denyIn = "DefaultRule_DenyAllInBound"
    static let serviceIn = "UserRule_allow-site-services"
    static let platform = "PlatformRule"
}

/// VNet flow logs, version 4: 13 fields a tuple, states B, C, E and D, counters since the flow's previous row
/// (vendor page "Virtual network flow logs"; B and D carry zeros in real logs).
extension Lab {
    /// Writes the rows of `conversation` at `machine`: B, C each `interval` seconds, E, the bytes spread evenly.
    mutating func logFlow(
        _ conversation: Conversation, at machine: Machine, inbound: Bool = false, rule: String, crosses: Bool = false,
        interval: Int64 = 300
    ) {
        logTuple(conversation, at: machine, inbound: inbound, rule: rule, state: "B", time: conversation.begin)
        let length = max(1, conversation.end - conversation.begin)
        var previous = conversation.begin
        var counted = (sent: 0, received: 0)
        while previous < conversation.end {
            let next = min(previous + interval * Clock.second, conversation.end)
            let part = Double(next - conversation.begin) / Double(length)
            let sent = Int(Double(conversation.bytesSent) * part) - counted.sent
            let received = Int(Double(conversation.bytesReceived) * part) - counted.received
            counted = (counted.sent + sent, counted.received + received)
            logTuple(
                conversation, at: machine, inbound: inbound, rule: rule, state: next == conversation.end ? "E" : "C",
                time: next, since: crosses ? previous : nil, Lab.counters(sent: sent, received: received))
            previous = next
        }
    }

    /// Writes one tuple, if it lies within the lab; its bytes cross the firewall evenly from `since` on, where given.
    mutating func logTuple(
        _ conversation: Conversation, at machine: Machine, inbound: Bool = false, rule: String, state: String,
        time: Int64, since: Int64? = nil, _ counters: Counters = Counters()
    ) {
        guard time >= schedule.base, time < schedule.end,
            let place = plan.machines.firstIndex(where: { $0.mac == machine.mac })
        else { return }
        let counts = [
            counters.packetsSent, counters.bytesSent, counters.packetsReceived, counters.bytesReceived,
        ].map(String.init).joined(separator: ",")
        let text =
            "\(time / 1_000),\(conversation.client),\(conversation.server),\(conversation.clientPort),"
            + "\(conversation.serverPort),\(conversation.ipProtocol),\(inbound ? "I" : "O"),\(state),NX,\(counts)"
        tuples[place][schedule.minute(of: time)].append(FlowTuple(time: time, rule: rule, text: text))
        if let since { cross(counters.bytesSent + counters.bytesReceived, from: since, to: time) }
    }

    /// Counts `bytes` as crossing the firewall, spread evenly over the interval.
    mutating func cross(_ bytes: Int, from: Int64, to: Int64) {
        let length = Double(max(1, to - from))
        var moment = max(from, schedule.base)
        repeat {
            let minute = schedule.minute(of: moment)
            let next = min(to, schedule.start(ofMinute: minute + 1))
            crossingBytes[minute] += Double(bytes) * Double(max(1, next - moment)) / length
            moment = next
        } while moment < to
    }

    /// Bytes with the packets that they take: full segments one way, acknowledgements the other.
    static func counters(sent: Int, received: Int) -> Counters {
        Counters(
            packetsSent: sent == 0 ? 0 : 1 + sent / 1_380 + received / 5_600, bytesSent: sent,
            packetsReceived: received == 0 ? 0 : 1 + received / 1_380 + sent / 5_600, bytesReceived: received)
    }

    /// All records of one machine, by minute: one a minute, about four seconds after it has passed.
    func flowLogRecords(of place: Int) -> [[String]] {
        let machine = plan.machines[place]
        let isHub = machine.mac == plan.resolver.mac
        var random = random("flow-log \(place)")
        let flowLog = (isHub ? plan.hubFlowLogID : plan.spokeFlowLogID).uppercased()
        let target = isHub ? plan.resolverSubnet.id : plan.spoke.vnetID
        let guid = SplitMix64.flowLogGUID(seed: options.seed, isHub: isHub)
        return tuples[place].enumerated().map { minute, rows in
            guard !rows.isEmpty else { return [] }
            let time = schedule.start(ofMinute: minute + 1) + random.milliseconds(3_600...4_400)
            let flows = flowGroups(rows, of: machine, &random)
            let stamp = Clock.text(time, .sevenDigits)
            return [
                style.flowRecord(
                    time: stamp, guid: guid, mac: machine.mac, flowLog: flowLog, target: target, flows: flows)
            ]
        }
    }

    /// The `flows` of one record: one group a rule, in any order, the tuples up to 25 s out of order.
    private func flowGroups(_ rows: [FlowTuple], of machine: Machine, _ random: inout SplitMix64) -> String {
        var byRule: [String: [(key: Int64, text: String)]] = [:]
        for row in rows {
            let delay = random.chance(percent: 20) ? random.milliseconds(0...25_000) : 0
            byRule[row.rule, default: []].append((row.time + delay, row.text))
        }
        let groups = random.shuffled(byRule.keys.sorted()).map { rule in
            let ordered = (byRule[rule] ?? []).enumerated().sorted {
                ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
            }
            let texts = ordered.map { "\"\($0.element.text)\"" }.joined(separator: ",")
            let acl = rule == NetworkRule.platform ? "00000000-0000-0000-0000-000000000000" : machine.securityGroupID
            return "{\"aclID\":\"\(acl)\",\"flowGroups\":[{\"rule\":\"\(rule)\",\"flowTuples\":[\(texts)]}]}"
        }
        return groups.joined(separator: ",")
    }
}

extension SplitMix64 {
    /// The GUID that all records of one flow log carry.
    static func flowLogGUID(seed: UInt64, isHub: Bool) -> String {
        var random = SplitMix64(seed: seed, part: isHub ? "hub flow log" : "spoke flow log")
        return random.guid()
    }
}
