import FlowModel
import Testing
import Topology

@Suite struct ScratchTests {
    @Test func look() throws {
        var shown = 0
        for seed in UInt64(1)...20 where shown < 3 {
            let documents = AuditWorlds.random(seed: seed).documents
            let before = try KeptAudit(documents)
            let after = try before.mended(documents)
            for (from, to) in [("10.2.2.200", "10.0.3.4"), ("10.2.1.4", "10.1.1.4"), ("10.3.2.200", "10.0.3.4"), ("10.1.2.200", "10.1.1.4")] {
                let a = before.topology.explain(from: before.topology.place(IPAddress(from)!, domain: 0), to: before.topology.place(IPAddress(to)!, domain: 0), ipProtocol: 6, port: nil)
                let b = after.topology.explain(from: after.topology.place(IPAddress(from)!, domain: 0), to: after.topology.place(IPAddress(to)!, domain: 0), ipProtocol: 6, port: nil)
                if a.works == true, b.works != true {
                    shown += 1
                    print("SEED", seed, a.text(), "\nAFTER", b.text(), "\n", before.plan.routesText())
                    break
                }
            }
        }
    }
}
