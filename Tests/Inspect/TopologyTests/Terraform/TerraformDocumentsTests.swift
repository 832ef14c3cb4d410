import FlowModel
import Foundation
import Testing
import Topology

struct TerraformDocumentsTests {
    @Test func aStateFileIsReadLikeAnExport() throws {
        for extra in [nil, "10.1.2.4/32"] {
            let text = TerraformLab(extraRoute: extra).state.text
            let topology = try Topology(documents: [TopologyDocument(name: "a.tfstate", bytes: Array(text.utf8))])
            #expect(topology.problems.isEmpty, "\(topology.problems)")
            #expect(topology.notUnderstood.isEmpty, "\(topology.notUnderstood)")
            let answer = topology.explain(
                from: try topology.place("10.1.1.4"), to: try topology.place("10.1.2.4"), ipProtocol: IPProtocol.tcp,
                port: 443)
            #expect(answer.inspected == (extra != nil))
        }
    }

    /// A state whose head was cut off, down to its version.
    @Test func aStateWithoutItsHeadIsRead() throws {
        let lab = TerraformLab()
        for version in [4, 3] {
            let text = "{\"version\":\(version),\"resources\":[\(lab.state.resources.joined(separator: ","))]}"
            let topology = try Topology(documents: [TopologyDocument(name: "a.json", bytes: Array(text.utf8))])
            #expect(topology.notUnderstood.isEmpty && topology.problems.isEmpty)
            #expect(try topology.place("10.1.1.4").endpoint.name == "app-nic")
        }
    }

    @Test(arguments: [
        "{\"format_version\":\"1.2\",\"terraform_version\":\"1.9\",\"planned_values\":{\"root_module\":{}},\"resource_changes\":[]}",
        "{\"version\":4,\"terraform_version\":\"1.9\",\"lineage\":\"x\",\"resources\":[]}",
    ])
    func whatHoldsNothingIsRefused(text: String) throws {
        let error = #expect(throws: TopologyError.self) {
            try Topology(documents: [TopologyDocument(name: "a.tfstate", bytes: Array(text.utf8))])
        }
        #expect(error?.description.contains("a.tfstate: a Terraform ") == true, "\(error?.description ?? "")")
    }
}
