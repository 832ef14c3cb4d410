import Correlate
import FlowModel
import Foundation
import Topology

/// Times the topology from 10 to 10,000 VNets: loading, address look-up, paths from cold and from a warm cache.
///
/// Each figure is the median of 7 runs, interleaved with a reference of the same run: for look-ups a hit in a Swift
/// dictionary of the same addresses.
@main
struct TopologyBenchmark {
    static func main() throws {
        let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        if CommandLine.arguments.contains("audit") {
            return try AuditBenchmark.run(sizes.isEmpty ? [10, 100, 1_000] : sizes)
        }
        if CommandLine.arguments.contains("reload") {
            for size in sizes.isEmpty ? [10_000] : sizes {
                var reload = try ReloadBenchmark(vnetCount: size)
                try reload.run()
            }
            return
        }
        print("vnets  endpoints  load_s  lookup_ns  dictionary_ns  cold_us (spread)  warm_ns  peak_mb  now_mb")
        for size in sizes.isEmpty ? [10, 100, 1_000, 10_000] : sizes { try measure(size) }
    }

    /// One page at a time, as the program reads files: the pages' own making is not in the time.
    private static func load(_ estate: LargeTopology) throws -> (Topology, Double) {
        var resources = ResourceSet()
        var loading = 0.0
        try estate.forEachDocument { document in
            let start = cpuSeconds()
            try resources.add(document)
            loading += cpuSeconds() - start
        }
        let start = cpuSeconds()
        let topology = try Topology(resources)
        return (topology, loading + cpuSeconds() - start)
    }

    private static func measure(_ size: Int) throws {
        let estate = LargeTopology(vnetCount: size)
        let (topology, loading) = try load(estate)
        let pairs = estate.pairs(count: 20_000)
        let table = topology.placement.domains[0]
        let addresses = pairs.map(\.endpoint) + pairs.map(\.client)
        var plain: [IPAddress: Int32] = [:]
        for address in addresses { plain[address] = table.longestMatch(address) }
        var lookups: [Double] = []
        var references: [Double] = []
        var colds: [Double] = []
        var warms: [Double] = []
        var sum = 0
        // 2,000 pairs and their facts stay in the processor's caches, as a live log's do.
        var cache = PathCache(frame: TopologyVersions(topology).frames[0], limit: 1 << 20)
        for _ in 0..<7 {
            lookups.append(
                time(addresses.count) { for address in addresses { sum &+= Int(table.longestMatch(address) ?? 0) } })
            references.append(time(addresses.count) { for address in addresses { sum &+= Int(plain[address] ?? 0) } })
            colds.append(
                time(2_000) {
                    for pair in pairs.prefix(2_000) {
                        let judgement = topology.judge(
                            from: topology.place(pair.client, domain: 0), to: topology.place(pair.endpoint, domain: 0),
                            ipProtocol: IPProtocol.tcp)
                        sum &+= judgement.forwardInspectors.count
                    }
                })
            for round in 0...1 {
                let spent = time(20_000) {
                    for _ in 0..<10 {
                        for pair in pairs.prefix(2_000) {
                            let facts = cache.facts(
                                from: pair.client, to: pair.endpoint, domain: 0, ipProtocol: IPProtocol.tcp)
                            sum &+= facts.forward.count
                        }
                    }
                }
                if round == 1 { warms.append(spent) }
            }
        }
        print(
            size, topology.privateEndpoints.count, rounded(loading), rounded(median(lookups)),
            rounded(median(references)),
            rounded(median(colds) / 1_000),
            "(\(rounded((colds.min() ?? 0) / 1_000))–\(rounded((colds.max() ?? 0) / 1_000)))",
            rounded(median(warms)), memory("VmHWM"), memory("VmRSS"), sum == 0 ? "" : "")
        fflush(nil)
    }

    /// Nanoseconds an operation, of this process's own time: one thread, no input or output.
    private static func time(_ count: Int, _ body: () -> Void) -> Double {
        let start = cpuSeconds()
        body()
        return (cpuSeconds() - start) * 1e9 / Double(count)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func rounded(_ value: Double) -> String {
        String(Int(value * 100)).count < 3 ? "\(value)" : "\((value * 100).rounded() / 100)"
    }

    static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A figure of /proc/self/status in MB.
    static func memory(_ key: String) -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key + ":") })
        else { return 0 }
        return (Int(line.filter(\.isNumber)) ?? 0) / 1_024
    }
}
