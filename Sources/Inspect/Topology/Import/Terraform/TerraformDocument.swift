internal import FlowModel

/// One instance of a resource or data source in a state.
struct TerraformInstance {
    /// `azurerm_subnet`.
    var type: String
    /// A data source: looked up, not managed. It tells facts, too.
    var isData: Bool
    /// Nil where the state was stripped.
    var attributes: TerraformAttributes?
    /// Flat keys that are left out.
    var tooDeep: [String] = []

    init(type: String, isData: Bool, attributes: JSONValue?) {
        (self.type, self.isData) = (type, isData)
        self.attributes = attributes?.object.map(TerraformAttributes.init)
    }

    init(type: String, isData: Bool, flat: JSONValue?) {
        (self.type, self.isData) = (type, isData)
        let map = flat?.object.map(TerraformFlatMap.init)
        (attributes, tooDeep) = (map?.attributes, map?.tooDeep ?? [])
    }
}

/// What a document of Terraform is.
///
/// [terraform: internal/states/statefile, version 3 and 4; "JSON Output Format" of `terraform show`]
enum TerraformDocument {
    case instances([TerraformInstance])
    case plan
    /// OpenTofu's encrypted state.
    case encrypted

    /// Nil where Terraform did not write it.
    init?(_ value: JSONValue) {
        guard value.object != nil, value["$schema"] == nil else { return nil }
        if value["planned_values"] != nil || value["resource_changes"] != nil {
            self = .plan
        } else if value["encrypted_data"] != nil, value["lineage"] != nil || value["encryption_version"] != nil {
            self = .encrypted
        } else if !TerraformDocument.isMarked(value) {
            return nil
        } else if let modules = value["modules"]?.array {
            self = .instances(modules.flatMap(TerraformDocument.oldModule))
        } else if let resources = value["resources"]?.array {
            self = .instances(resources.flatMap(TerraformDocument.resource))
        } else if value["values"] != nil || value["format_version"] != nil {
            // `show` of an empty state has no `values`.
            self = .instances(value["values"]?["root_module"].map(TerraformDocument.shownModule) ?? [])
        } else {
            // A state of version 4 whose resources were cut off.
            self = .instances([])
        }
    }

    /// Some people cut the head of a state off, down to its version.
    private static func isMarked(_ value: JSONValue) -> Bool {
        if value["terraform_version"] != nil || value["lineage"] != nil { return true }
        guard let version = value["version"]?.integer, (1...4).contains(version) else { return false }
        return (value["resources"] ?? value["modules"])?.array?.contains {
            $0["instances"] != nil || $0["resources"] != nil
        } ?? false
    }

    /// Version 4: `resources[]` of all modules side by side, with `instances[]`. A deposed instance is the old one of a
    /// replacement that failed half way: it is about to go.
    private static func resource(_ value: JSONValue) -> [TerraformInstance] {
        guard let type = value["type"]?.string else { return [] }
        return (value["instances"]?.array ?? []).filter { $0["deposed"]?.string == nil }.map { instance in
            let isData = value["mode"]?.string == "data"
            return instance["attributes"]?.object == nil
                ? TerraformInstance(type: type, isData: isData, flat: instance["attributes_flat"])
                : TerraformInstance(type: type, isData: isData, attributes: instance["attributes"])
        }
    }

    /// Version 3 and older: `resources` by address, `data.` before those that were looked up, flat attributes.
    private static func oldModule(_ value: JSONValue) -> [TerraformInstance] {
        (value["resources"]?.object ?? [:]).sorted { $0.key < $1.key }.compactMap { address, resource in
            guard let type = resource["type"]?.string, let primary = resource["primary"], !primary.isNull else {
                return nil
            }
            return TerraformInstance(
                type: type, isData: address.hasPrefix("data."),
                flat: primary["attributes"])
        }
    }

    /// `terraform show -json`: modules inside each other, `values` instead of `attributes`.
    private static func shownModule(_ value: JSONValue) -> [TerraformInstance] {
        let own = (value["resources"]?.array ?? []).compactMap { resource -> TerraformInstance? in
            guard let type = resource["type"]?.string, resource["deposed_key"]?.string == nil else { return nil }
            return TerraformInstance(
                type: type, isData: resource["mode"]?.string == "data",
                attributes: resource["values"])
        }
        return own + (value["child_modules"]?.array ?? []).flatMap(shownModule)
    }
}
