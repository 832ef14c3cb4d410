internal import FlowModel

/// The formats that are read, one a line: the category tells them; flow logs of NSGs by their version, too.
enum FormatCatalogue {
    struct Entry: Sendable {
        /// Nil for metric points, which name a metric and no category.
        var category: StaticString?
        /// `Version` of an NSG flow log, as a digit; 0 where the category alone tells the format.
        var version: UInt8 = 0
        var decode: @Sendable (inout FormatContext, inout FlowBatch) throws(Fault) -> Void
    }

    static let entries: [Entry] = [
        Entry(category: NSGFlowLog.category, version: UInt8(ascii: "1"), decode: NSGV1Format.decode),
        Entry(category: NSGFlowLog.category, version: UInt8(ascii: "2"), decode: NSGV2Format.decode),
        Entry(category: VNetV4Format.category, decode: VNetV4Format.decode),
        Entry(category: AZFWNetworkRuleFormat.category, decode: AZFWNetworkRuleFormat.decode),
        Entry(category: AZFWApplicationRuleFormat.category, decode: AZFWApplicationRuleFormat.decode),
        Entry(category: AZFWNATRuleFormat.category, decode: AZFWNATRuleFormat.decode),
        Entry(category: AZFWDNSQueryFormat.category, decode: AZFWDNSQueryFormat.decode),
        Entry(category: AZFWFlowTraceFormat.category, decode: AZFWFlowTraceFormat.decode),
        Entry(category: AZFWFatFlowFormat.category, decode: AZFWFatFlowFormat.decode),
        Entry(category: AzureFirewallNetworkRuleFormat.category, decode: AzureFirewallNetworkRuleFormat.decode),
        Entry(category: AzureFirewallDNSProxyFormat.category, decode: AzureFirewallDNSProxyFormat.decode),
        Entry(category: nil, decode: MetricsFormat.decode),
    ]

    /// Decodes the context's record with the format it belongs to.
    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        guard context.header.category != nil || context.header.metricName != nil else {
            throw .unsupported("the record names neither a category nor a metric")
        }
        var hasCategory = false
        for entry in entries where isNamed(entry, by: context) {
            hasCategory = true
            if entry.version != 0, try entry.version != NSGFlowLog.version(context) { continue }
            return try entry.decode(&context, &batch)
        }
        throw hasCategory
            ? .unsupported("no reader for this version of the category; it is kept until there is one")
            : .unsupported("no reader for this category; it is kept until there is one")
    }

    private static func isNamed(_ entry: Entry, by context: FormatContext) -> Bool {
        guard let category = context.header.category else { return entry.category == nil }
        guard let name = entry.category else { return false }
        return context.bytes.equals(name, from: category.start, to: category.end)
    }
}
