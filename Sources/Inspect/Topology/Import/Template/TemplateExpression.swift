/// An expression of a template: what stands between the brackets of `"[concat('a', parameters('b'))]"`.
///
/// [learn: azure-resource-manager/templates/template-expressions]
indirect enum TemplateExpression {
    case text(String)
    case number(Double)
    /// A function's name as written (user functions with their namespace, `contoso.name`) and its arguments.
    case call(String, [TemplateExpression])
    /// `base.member` and `base[index]`.
    case member(TemplateExpression, TemplateExpression)

    /// What a string of a template says.
    enum Reading {
        case literal(String)
        case expression(TemplateExpression)
        /// Begins and ends like an expression and is none.
        case malformed
    }

    /// Reads a string of a template. `[[` escapes a bracket that is meant.
    static func read(_ text: String, limits: TemplateLimits) -> Reading {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return .literal(text) }
        if text.hasPrefix("[[") { return .literal(String(text.dropFirst())) }
        guard text.utf8.count <= limits.expressionLength else { return .malformed }
        var parser = TemplateExpressionParser(
            Array(text.utf8.dropFirst().dropLast()), depthLimit: limits.expressionDepth)
        guard let expression = parser.parse() else { return .malformed }
        return .expression(expression)
    }
}
