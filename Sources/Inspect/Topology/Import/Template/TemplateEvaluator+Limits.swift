/// What a template may make: values that are deep or large would take the stack or the memory, however short the template.
extension TemplateEvaluator {
    func reportBeyond(_ what: String) {
        report(document, "", "the template holds \(what): what lies beyond is not read")
    }

    func reportTooDeep() { reportBeyond("values more than \(limits.depth) deep") }

    /// The value, unless others stand too deep in it.
    func limited(_ value: TemplateValue) -> TemplateValue {
        guard value.depth > limits.depth else { return value }
        reportTooDeep()
        return .beyond
    }

    /// Counts what a function made; false where it is more than the whole template may make.
    func spend(on value: TemplateValue, of function: String) -> Bool {
        // Only what is read as JSON brings values in values; other functions take inner values as they are.
        made += function == "json" ? value.wholeBytes : value.ownBytes
        guard made >= limits.madeBytes else { return true }
        report(
            document, "",
            "the template's functions make more than \(limits.madeBytes) bytes: what lies beyond is not known")
        return false
    }
}

extension TemplateValue {
    static var beyond: TemplateValue { .unknown("beyond the limits") }

    /// What a value takes beside its text, roughly.
    private static let elementBytes = 32

    /// Bytes of the value and of what stands directly in it.
    fileprivate var ownBytes: Int {
        switch self {
        case .list(let list): list.elements.reduce(0) { $0 + TemplateValue.elementBytes + $1.textBytes }
        case .object(let object):
            object.members.reduce(0) {
                $0 + TemplateValue.elementBytes + $1.key.utf8.count + $1.value.value.textBytes
            }
        default: textBytes
        }
    }

    fileprivate var wholeBytes: Int {
        switch self {
        case .list(let list): list.elements.reduce(0) { $0 + TemplateValue.elementBytes + $1.wholeBytes }
        case .object(let object):
            object.members.reduce(0) {
                $0 + TemplateValue.elementBytes + $1.key.utf8.count + $1.value.value.wholeBytes
            }
        default: textBytes
        }
    }

    private var textBytes: Int {
        switch self {
        case .text(let text), .symbol(let text): text.utf8.count
        default: 0
        }
    }
}
