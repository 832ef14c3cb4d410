package import FlowModel

/// Reads Terraform states of the azurerm provider into resources in the shape of Azure's REST answers.
///
/// States hold passwords, shared keys and kube configs (topology exports, 28): **only attributes that a mapping names
/// are kept**, never one that is unknown, and no value of a state is quoted in a problem. Outputs are not looked at.
///
/// Read are states of version 4, of version 3 and older (flat keys), and what `terraform show -json` writes of a state.
/// A plan tells what is to be, not what is: it is refused, as is an encrypted state.
package struct TerraformReader {
    /// Objects `{"id","type","name","tags"?,"sku"?,"properties"}`, one for each id, sorted by id without case.
    package private(set) var resources: [JSONValue] = []
    /// What contradicts itself or cannot be known, in the order of the state.
    package private(set) var problems: [TopologyProblem] = []
    /// What was seen and is not used: types by count, and documents that are no state.
    package private(set) var notUnderstood: [String] = []

    private let document: String
    private var collected = TerraformResources()
    private var unused: [String: Int] = [:]

    /// `document`: name of the file, for problems that have no resource.
    package init(document: String) { self.document = document }

    /// Whether Terraform wrote this document: a state in any form, also an encrypted one, or a plan. `read` tells which
    /// of them it refuses, and why.
    package static func isState(_ value: JSONValue) -> Bool { TerraformDocument(value) != nil }

    /// Adds a state; keys as they stand in the file. May be called again for a further state of the same file.
    package mutating func read(_ state: JSONValue) {
        switch TerraformDocument(state) {
        case .instances(let instances)?: read(instances)
        case .plan?:
            refuse("a Terraform plan, no state: it tells what is to be; export the state with `terraform state pull`")
        case .encrypted?:
            refuse("an encrypted Terraform state: export it in the clear with `tofu state pull`")
        case nil: refuse("no Terraform state")
        }
    }

    private mutating func refuse(_ what: String) { notUnderstood.append("\(document): \(what)") }

    private mutating func read(_ instances: [TerraformInstance]) {
        guard !instances.isEmpty else {
            return refuse("a Terraform state without resources, as `terraform destroy` leaves it")
        }
        var stripped: [String: Int] = [:]
        // What Terraform manages before what it looked up: of two that disagree the first one stays.
        for instance in instances.filter({ !$0.isData }) + instances.filter(\.isData) {
            guard let mapping = TerraformMapping.all[instance.type] else {
                unused[instance.type, default: 0] += 1
                continue
            }
            if let type = TerraformMapping.unknownRESTType(of: instance) {
                unused["\(instance.type) of \(type)", default: 0] += 1
                continue
            }
            guard let attributes = instance.attributes, attributes.string("id") != nil else {
                stripped[instance.type, default: 0] += 1
                continue
            }
            var answer = TerraformAnswer()
            for key in instance.tooDeep {
                answer.report(
                    key.utf8.count > 100 ? key.prefix(100) + "…" : key,
                    "a key of more than \(TerraformFlatMap.depthLimit) parts: it is not read")
            }
            mapping(attributes, &answer)
            collected.add(answer.resources)
            for problem in answer.problems { report(attributes, problem) }
        }
        for (type, count) in stripped.sorted(by: { $0.key < $1.key }) {
            problems.append(
                TopologyProblem(
                    resource: document, field: type,
                    problem: "\(count) without id and attributes: the state was stripped, and they are not used"))
        }
        resources = collected.finished()
        for nic in collected.withoutNIC {
            let problem = TopologyProblem(
                resource: nic, field: "application_security_group_id",
                problem: "the state joins it to an application security group, and holds no such NIC: not used")
            if !problems.contains(problem) { problems.append(problem) }
        }
        tellUnused()
    }

    private mutating func report(_ attributes: TerraformAttributes, _ problem: TerraformAnswer.Problem) {
        let resource = attributes.string("id").map(canonicalID) ?? document
        problems.append(TopologyProblem(resource: resource, field: problem.attribute, problem: problem.text))
    }

    private mutating func tellUnused() {
        notUnderstood.removeAll { $0.hasSuffix(TerraformReader.notUsed) }
        for (type, count) in unused.sorted(by: { $0.key < $1.key }) {
            notUnderstood.append("\(count) of Terraform type \(type)\(TerraformReader.notUsed)")
        }
    }

    private static let notUsed = ": not used"
}

/// What the mapping of one instance gives.
struct TerraformAnswer {
    struct Problem {
        var attribute: String
        var text: String
    }

    private(set) var resources: [TerraformResource] = []
    private(set) var problems: [Problem] = []

    mutating func add(_ resource: TerraformResource) { resources.append(resource) }

    mutating func report(_ attribute: String, _ text: String) {
        problems.append(Problem(attribute: attribute, text: text))
    }
}
