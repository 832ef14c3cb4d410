/// What one template may cost. Beyond a limit the rest is a problem, never a crash or a long wait.
package struct TemplateLimits: Sendable {
    /// Resources that one template declares, with those of its nested deployments and loops.
    package var resources = 100_000
    /// Turns of one loop: Azure's own limit [learn: azure-resource-manager/templates/copy-resources].
    package var copies = 800
    /// Calls within calls in one expression.
    package var expressionDepth = 64
    /// Bytes of one expression: Azure's own limit [learn: azure-resource-manager/templates/best-practices].
    package var expressionLength = 24_576
    /// Values within values and expressions that lead to others, all together; and values within a value that is made.
    package var depth = 200
    /// Deployments within deployments.
    package var deploymentDepth = 16
    /// Problems that are told.
    package var problems = 100_000
    /// Values that are made, of expressions and of what is written down.
    package var steps = 4_000_000
    /// Bytes of one text that an expression makes.
    package var textLength = 131_072
    /// Elements of one array that an expression makes.
    package var elements = 100_000
    /// Bytes of texts and elements that the functions of one template make, all together.
    package var madeBytes = 1 << 28

    package init() {}
}
