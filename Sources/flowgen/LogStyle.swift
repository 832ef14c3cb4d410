/// How this seed's logs spell what may be spelled in several ways: the order of keys and the form of times.
struct LogStyle {
    /// Firewall records of about 2025 and later write six digits and an offset, older ones seven digits and `Z`.
    let firewallTime: Clock.Style
    private let firewallOrder: Int
    private let isAlphabetical: Bool
    /// Whether this firewall's flow trace shows the opening SYN, too.
    let traceShowsSYN: Bool

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed, part: "style")
        firewallTime = random.chance(percent: 60) ? .sixDigitsOffset : .sevenDigits
        firewallOrder = random.int(0...2)
        isAlphabetical = random.chance(percent: 40)
        traceShowsSYN = random.chance(percent: 50)
    }

    /// A firewall record; `properties` without its braces.
    func firewallRecord(time: Int64, category: String, resource: String, properties: String) -> String {
        let stamp = Clock.text(time, firewallTime)
        let (t, c) = ("\"time\":\"\(stamp)\"", "\"category\":\"\(category)\"")
        let (r, p) = ("\"resourceId\":\"\(resource)\"", "\"properties\":{\(properties)}")
        return switch firewallOrder {
        case 0: "{\(c),\(t),\(r),\(p)}"
        case 1: "{\(t),\(r),\(p),\(c)}"
        default: "{\(t),\(c),\(r),\(p)}"
        }
    }

    /// A flow-log record; `flows` without its brackets.
    func flowRecord(time: String, guid: String, mac: String, flowLog: String, target: String, flows: String) -> String {
        let head = "\"flowLogGUID\":\"\(guid)\""
        let resource = "\"flowLogResourceID\":\"\(flowLog)\""
        let rows = "\"flowRecords\":{\"flows\":[\(flows)]}"
        let (m, t) = ("\"macAddress\":\"\(mac)\"", "\"targetResourceID\":\"\(target)\"")
        let (category, operation) = ("\"category\":\"FlowLogFlowEvent\"", "\"operationName\":\"FlowLogFlowEvent\"")
        if isAlphabetical {
            return "{\(category),\(head),\(resource),\"flowLogVersion\":4,\(rows),\(m),\(operation),\(t),"
                + "\"time\":\"\(time)\"}"
        }
        return "{\"time\":\"\(time)\",\(head),\(m),\(category),\(resource),\(t),\"flowLogVersion\":4,\(operation),"
            + "\(rows)}"
    }
}
