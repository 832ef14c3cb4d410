/// `truth.json`: what a judge must find in the lab, and how much there is of everything.
extension Lab {
    /// The findings that are right, and no others; none where the lab is configured right.
    private func findings() -> [JSON] {
        guard !options.isFixed else { return [] }
        let endpoint = plan.privateEndpointID.lowercased()
        let subnet = plan.applicationSubnet.id.lowercased()
        let bypass: JSON = ["private_endpoint": .text(endpoint), "client_subnet": .text(subnet)]
        let asymmetry: JSON = ["from": .text(plan.onPremises.description), "to": .text(subnet)]
        let bottleneck: JSON = ["firewall": .text(plan.firewallID.lowercased()), "limit": "throughput"]
        let first = options.hasWish ? "inspection-bypassed" : "private-endpoint-icmp-udp-only"
        return [
            finding(first, bypass, schedule.bypass),
            finding("asymmetric-session", asymmetry, schedule.asymmetry),
            finding("firewall-bottleneck", bottleneck, schedule.bottleneck),
        ]
    }

    private func finding(_ detector: String, _ subject: JSON, _ act: Range<Int>) -> JSON {
        [
            "detector": .text(detector), "subject": subject,
            "act": [
                "from": .text(moment(schedule.start(ofMinute: act.lowerBound))),
                "to": .text(moment(schedule.start(ofMinute: act.upperBound))),
            ],
        ]
    }

    private func moment(_ time: Int64) -> String { Clock.text(time, .sixDigits) }

    /// The page as text; `written` says what the drops hold.
    func truthText(_ written: LabContents) -> String {
        let formats = written.flowsByFormat.sorted { $0.key < $1.key }.map { ($0.key, JSON.integer($0.value)) }
        let truth: JSON = [
            "flowgen_truth": 1,
            "seed": .integer(Int(options.seed)), "fixed": .bool(options.isFixed), "wish": .bool(options.hasWish),
            "small": .bool(options.isSmall),
            "base_time": .text(moment(schedule.base)), "end_time": .text(moment(schedule.end)),
            "findings": .array(findings()),
            "counts": [
                "drops": .integer(written.drops.count), "records": .integer(written.records),
                "flows": .integer(written.flows), "metrics": .integer(written.metrics), "dead_letters": 0,
                "by_format": .object(formats),
            ],
            "network": [
                "hub": .text(plan.hub.range.description), "spoke": .text(plan.spoke.range.description),
                "on_premises": .text(plan.onPremises.description), "firewall": .text(plan.firewall.description),
                "private_endpoint": .text(plan.privateEndpoint.description),
                "application": .text(plan.application.address.description),
                "backup": .text(plan.backup.address.description), "dns": .text(plan.resolver.address.description),
                "application_subnet": .text(plan.applicationSubnet.prefix.description),
                "data_subnet": .text(plan.dataSubnet.prefix.description),
                "backup_port": .integer(plan.backupPort), "capacity_mbps": .integer(Lab.capacityMbps),
            ],
            "drops": .array(written.drops.sorted().map { .text($0) }),
        ]
        return truth.pretty
    }
}

/// What was put into the drops.
struct LabContents {
    /// Paths, relative to the lab's folder.
    var drops: [String] = []
    /// Elements of the logs, metric points included.
    var records = 0
    var metrics = 0
    var flowsByFormat: [String: Int] = [:]

    var flows: Int { flowsByFormat.values.reduce(0, +) }
}
