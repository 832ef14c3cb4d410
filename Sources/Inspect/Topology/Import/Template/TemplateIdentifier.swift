/// Ids of resources, put together from types and names as Azure does.
enum TemplateIdentifier {
    private static let groups = "microsoft.resources/resourcegroups"

    /// `…/providers/Microsoft.Network/virtualNetworks/v/subnets/s` of the type with its namespace and the name with
    /// its slashes; nil where they have not as many parts as one another.
    ///
    /// An extension's type and name (`Microsoft.Network/azureFirewalls/providers/diagnosticSettings`,
    /// `fw/microsoft.insights/diag`) come out right by the same rule.
    static func id(under prefix: String, type: String, name: String) -> String? {
        let types = type.split(separator: "/", omittingEmptySubsequences: false)
        let names = name.split(separator: "/", omittingEmptySubsequences: false)
        guard types.count == names.count + 1, !names.contains(""), !types.contains("") else { return nil }
        if type.lowercased() == groups {
            let parts = prefix.split(separator: "/")
            guard parts.count >= 2 else { return nil }
            return "/\(parts[0])/\(parts[1])/resourceGroups/\(name)"
        }
        return prefix + "/providers/\(types[0])" + zip(types.dropFirst(), names).map { "/\($0)/\($1)" }.joined()
    }
}

/// The functions that make ids [learn: azure-resource-manager/templates/template-functions-resource].
extension TemplateEvaluator {
    /// `resourceId([subscription], [group], type, name, …)`.
    func resourceID(_ call: TemplateCall) -> TemplateValue {
        guard let (values, pieces) = pieces(of: call), let index = typeIndex(pieces), index <= 2 else {
            return unknown(call, call.arguments.map { evaluate($0, in: call.frame) })
        }
        var place = call.frame.scope.place
        if index == 2 {
            (place.subscription, place.group) = (pieces[0], pieces[1])
        } else if index == 1 {
            // In a subscription's template the one that may be given is the subscription.
            if place.group == nil, isGUID(pieces[0]) { place.subscription = pieces[0] } else { place.group = pieces[0] }
        }
        return id(under: place.prefix, pieces.dropFirst(index)) ?? unknown(call, values)
    }

    func subscriptionResourceID(_ call: TemplateCall) -> TemplateValue {
        guard let (values, pieces) = pieces(of: call), let index = typeIndex(pieces), index <= 1 else {
            return unknown(call, call.arguments.map { evaluate($0, in: call.frame) })
        }
        let own = call.frame.scope.place.subscription ?? TemplatePlace.unknownSubscription
        let prefix = "/subscriptions/" + (index == 1 ? pieces[0] : own)
        return id(under: prefix, pieces.dropFirst(index)) ?? unknown(call, values)
    }

    func managementGroupResourceID(_ call: TemplateCall) -> TemplateValue {
        guard let (values, pieces) = pieces(of: call), let index = typeIndex(pieces), index <= 1 else {
            return unknown(call, call.arguments.map { evaluate($0, in: call.frame) })
        }
        let group = index == 1 ? pieces[0] : "{managementgroup}"
        let prefix = "/providers/Microsoft.Management/managementGroups/\(group)"
        return id(under: prefix, pieces.dropFirst(index)) ?? unknown(call, values)
    }

    func extensionResourceID(_ call: TemplateCall) -> TemplateValue {
        guard let (values, pieces) = pieces(of: call), pieces.count >= 3 else {
            return unknown(call, call.arguments.map { evaluate($0, in: call.frame) })
        }
        return id(under: pieces[0], pieces.dropFirst()) ?? unknown(call, values)
    }

    /// `tenantResourceId(type, name, …)`.
    func scopedResourceID(_ call: TemplateCall, prefix: String) -> TemplateValue {
        guard let (values, pieces) = pieces(of: call) else {
            return unknown(call, call.arguments.map { evaluate($0, in: call.frame) })
        }
        return id(under: prefix, pieces[...]) ?? unknown(call, values)
    }

    private func pieces(of call: TemplateCall) -> (values: [TemplateValue], pieces: [String])? {
        let values = call.arguments.map { evaluate($0, in: call.frame) }
        let pieces = values.compactMap(\.piece)
        return pieces.count == values.count ? (values, pieces) : nil
    }

    private func typeIndex(_ pieces: [String]) -> Int? { pieces.firstIndex { $0.contains("/") && !$0.hasPrefix("/") } }

    private func isGUID(_ text: String) -> Bool { text.utf8.count == 36 && text.filter { $0 == "-" }.count == 4 }

    private func id(under prefix: String, _ pieces: ArraySlice<String>) -> TemplateValue? {
        guard let type = pieces.first, pieces.count > 1 else { return nil }
        let name = pieces.dropFirst().joined(separator: "/")
        return TemplateIdentifier.id(under: prefix, type: type, name: name)
            .map { TemplateValue(text: $0, isKnown: !$0.contains("{")) }
    }
}
