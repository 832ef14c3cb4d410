internal import FlowModel

/// Reads Terraform states. Not yet: each is named in `notUnderstood`.
struct TerraformReader {
    private let document: String
    private(set) var resources: [JSONValue] = []
    private(set) var problems: [TopologyProblem] = []
    private(set) var notUnderstood: [String] = []

    init(document: String) { self.document = document }

    mutating func read(_ state: JSONValue) {
        notUnderstood.append("\(document): a Terraform state: export the deployed resources with Resource Graph")
    }
}
