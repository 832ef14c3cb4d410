import FlowModel
import Testing
import Topology

@Suite struct AuditTests {
    @Test func look() throws {
        let lab = HubAndSpoke(seed: 1)
        let audit = Audit(topology: try lab.network().topology())
        var table = AuditTable(audit: audit)
        var plan = RemedyPlan(audit: audit)
        var json = JSONWriter()
        audit.forEachPair {
            table.add($0)
            plan.add($0)
            $0.write(to: &json)
            json.newline()
        }
        print(table.text(plan: plan))
        print(plan.routesText())
        print(plan.shellScript())
        print(plan.terraform())
        print(json.string)
    }
}
