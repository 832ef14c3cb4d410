/// What the lab is asked for.
struct LabOptions {
    var seed: UInt64 = 1
    /// The same network, configured right.
    var isFixed = false
    /// The overlay asks for the inspection of the private endpoint.
    var hasWish = false
    var isSmall = false
}

/// One connection, as its two ends and the firewall know it. Times in microseconds.
struct Conversation {
    var client: Address
    var clientPort: Int
    var server: Address
    var serverPort: Int
    var ipProtocol = 6
    var begin: Int64
    var end: Int64
    var bytesSent = 0
    var bytesReceived = 0

    var protocolName: String { ipProtocol == 6 ? "TCP" : "UDP" }
}

/// One seed's lab: the plan, the times, and all rows of all logs before they are put into drops.
struct Lab {
    let options: LabOptions
    let plan: LabPlan
    let schedule: LabSchedule
    let scale: LabScale
    let style: LogStyle

    /// Flow-log tuples by machine (its place in `plan.machines`) and minute.
    var tuples: [[[FlowTuple]]]
    var firewallRows: [FirewallCategory: [LogRow]] = [:]
    /// Bytes that cross the firewall, by minute; an interval's bytes are spread evenly over it.
    var crossingBytes: [Double]
    private var nextPort: [Address: Int] = [:]

    /// Makes the whole lab in memory; about 100,000 flows at most.
    init(_ options: LabOptions) {
        self.options = options
        plan = LabPlan(seed: options.seed)
        schedule = LabSchedule(seed: options.seed, isSmall: options.isSmall)
        scale = LabScale(isSmall: options.isSmall)
        style = LogStyle(seed: options.seed)
        tuples = Array(repeating: Array(repeating: [], count: schedule.minutes), count: 3)
        crossingBytes = Array(repeating: 0, count: schedule.minutes + 1)

        addHealthyTraffic()
        addPlatformTraffic()
        addBypass()
        addAsymmetry()
        addBottleneck()
    }

    /// A generator for `part`, the same for the broken and the fixed lab.
    func random(_ part: String) -> SplitMix64 { SplitMix64(seed: options.seed, part: part) }

    /// The next ephemeral port of `client`: none comes again before some thousand others.
    mutating func port(of client: Address) -> Int {
        let last = nextPort[client] ?? 49_152 + Int(client.bits % 11_987)
        let port = last >= 65_500 ? 49_152 : last + 1 + last % 3
        nextPort[client] = port
        return port
    }
}
