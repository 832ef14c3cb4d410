internal import FlowModel

/// Why a record or tuple is dead. Thrown inside the module only, where it costs no allocation; it ends as a dead letter.
struct Fault: Error {
    var reason: DeadLetterReason
    var detail: StaticString

    static func bad(_ detail: StaticString) -> Fault { Fault(reason: .badRecord, detail: detail) }
    static func unsupported(_ detail: StaticString) -> Fault { Fault(reason: .formatNotSupported, detail: detail) }
    static let badText = Fault(
        reason: .badText, detail: "a text holds a NUL, malformed UTF-8 or half a surrogate pair; no database takes it")
    static let malformed = bad("the record is no well-formed JSON")
}
