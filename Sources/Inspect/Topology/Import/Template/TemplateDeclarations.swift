internal import FlowModel

/// A resource that a template declares: one turn of its loop.
struct TemplateDeclaration {
    static let deploymentType = "microsoft.resources/deployments"

    var id: String
    /// With the namespace, `Microsoft.Network/virtualNetworks/subnets`.
    var type: String
    /// With the names of what holds it, `vnet/subnet`.
    var name: String
    var json: JSONValue
    var frame: TemplateFrame
    /// Not deployed by the template, but there: it gives an id.
    var isExisting: Bool
    /// What it deploys, where it is a deployment whose template can be read.
    var deployment: TemplateDeployment?

    var isDeployment: Bool { type.lowercased() == TemplateDeclaration.deploymentType }
}

/// A template that is deployed: the outermost, or a nested one.
///
/// A class, because references may expand it before its turn comes, and once only.
final class TemplateDeployment {
    let template: JSONValue
    /// Where its expressions are evaluated: the parent's frame, unless it is of inner scope.
    let frame: TemplateFrame
    let place: TemplatePlace
    let depth: Int
    var isExpanded = false

    init(template: JSONValue, frame: TemplateFrame, place: TemplatePlace, depth: Int) {
        self.template = template
        self.frame = frame
        self.place = place
        self.depth = depth
    }
}

/// All declarations of a document, in the order in which they were come upon.
struct TemplateDeclarations {
    private(set) var all: [TemplateDeclaration] = []
    /// By canonical id: conditions may offer one resource in several forms, and a deployment may repeat one.
    private(set) var byID: [String: [Int]] = [:]
    /// Whether each is deployed, as far as that has been asked for.
    var conditions: [Int: Bool?] = [:]
    /// Whose address it is that a reference asks for and that cannot be known: the reference's description → id.
    var addressees: [String: String] = [:]
    /// References that are being followed: to come upon one again is a circle.
    var open: Set<String> = []

    @discardableResult
    mutating func append(_ declaration: TemplateDeclaration) -> Int {
        all.append(declaration)
        byID[canonicalID(declaration.id), default: []].append(all.count - 1)
        return all.count - 1
    }
}
