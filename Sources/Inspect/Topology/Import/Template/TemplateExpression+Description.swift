extension TemplateExpression {
    /// The expression as it may be shown: with the names that it asks for, and no other text, which may be a secret.
    var shown: String { shown(isName: false) }

    /// Functions whose texts are names of the template's own parts.
    private static let naming: Set<String> = [
        "parameters", "variables", "reference", "resourceid", "copyindex", "lambdavariables", "subscriptionresourceid",
        "extensionresourceid", "tenantresourceid", "managementgroupresourceid", "resourceinfo",
    ]

    private func shown(isName: Bool) -> String {
        switch self {
        case .text(let text): return isName ? "'\(text)'" : "'…'"
        case .number(let number): return TemplateValue.spelled(number)
        case .call(let name, let arguments):
            let isNaming = TemplateExpression.naming.contains(name.lowercased())
            return "\(name)(\(arguments.map { $0.shown(isName: isNaming) }.joined(separator: ", ")))"
        case .member(let base, .text(let name)): return "\(base.shown).\(name)"
        case .member(let base, let index): return "\(base.shown)[\(index.shown)]"
        }
    }
}

extension TemplateValue {
    /// A description, or a text with unknown parts, as it may be shown: which function, else the first unknown part.
    static func shown(_ what: String) -> String {
        let function = what.prefix { $0.isLetter || $0 == "." }
        if !function.isEmpty, what[function.endIndex...].first == "(" { return "\(function)(…)" }
        let part = what.firstIndex(of: "{").map { what[what.index(after: $0)...] } ?? what[...]
        let name = part.prefix { !"({'}[".contains($0) }
        return name.count == what.count ? what : "\(name)…"
    }
}
