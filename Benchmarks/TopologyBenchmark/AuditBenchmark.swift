import Topology

/// How long `flowsight audit` takes over every pair of client subnet and private endpoint, and what it holds meanwhile.
enum AuditBenchmark {
    static func run(_ sizes: [Int]) throws {
        print("vnets  pairs  audit_s  ns_per_pair  peak_mb")
        for size in sizes {
            var resources = ResourceSet()
            try LargeTopology(vnetCount: size).forEachDocument { try resources.add($0) }
            let topology = try Topology(resources)
            let start = TopologyBenchmark.cpuSeconds()
            let audit = Audit(topology: topology)
            var table = AuditTable(audit: audit)
            var plan = RemedyPlan(audit: audit)
            var count = 0
            audit.forEachPair { pair in
                table.add(pair)
                plan.add(pair)
                count += 1
            }
            let text = table.text(plan: plan)
            let spent = TopologyBenchmark.cpuSeconds() - start
            print(
                size, audit.pairCount, (spent * 100).rounded() / 100,
                Int(spent * 1e9 / Double(max(1, audit.pairCount))),
                TopologyBenchmark.memory("VmHWM"), text.isEmpty || count == 0 ? "nothing" : "")
        }
    }
}
