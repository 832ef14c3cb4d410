internal import FlowModel

/// Reads ARM templates. Not yet: each is named in `notUnderstood`.
struct TemplateReader {
    private let document: String
    private(set) var resources: [JSONValue] = []
    private(set) var problems: [TopologyProblem] = []
    private(set) var notUnderstood: [String] = []

    init(document: String) { self.document = document }

    mutating func read(_ template: JSONValue) {
        notUnderstood.append(
            "\(document): an ARM template, whose ids are expressions: export the deployed resources with Resource Graph"
        )
    }
}
