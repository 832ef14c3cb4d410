internal import FlowModel
internal import Postgres

extension Finding {
    /// The exact bytes of its JSON.
    var document: [UInt8] {
        var json = JSONWriter()
        write(to: &json)
        return json.bytes
    }
}

/// A finding as a row of `finding_state`: columns for queries, and the document as it is.
enum FindingRow {
    private static let columns = [
        "fingerprint", "detector", "state", "severity", "confidence", "title", "why", "cause", "first_seen",
        "last_seen", "opened_at", "resolved_at", "resolved_because", "proof", "proof_why", "flapping", "explain",
        "parts", "document",
    ]

    private static let casts = [
        "first_seen": "timestamptz", "last_seen": "timestamptz", "opened_at": "timestamptz",
        "resolved_at": "timestamptz", "flapping": "boolean", "parts": "jsonb",
    ]

    /// The parameters are those of `parameters(of:)`.
    static let upsert: String = {
        let values = columns.enumerated().map { index, column in
            "$\(index + 1)" + (casts[column].map { "::\($0)" } ?? "")
        }
        let updates = columns.dropFirst().map { "\($0) = excluded.\($0)" }
        return """
            INSERT INTO flowsight.finding_state (\(columns.joined(separator: ", ")))
            VALUES (\(values.joined(separator: ", ")))
            ON CONFLICT (fingerprint) DO UPDATE SET \(updates.joined(separator: ", "))
            """
    }()

    static func parameters(of finding: Finding) -> [Parameter] {
        let document = finding.document
        let parameters: [Parameter] = [
            text(finding.fingerprint), text(finding.detector), text(finding.state.rawValue),
            text(finding.severity.rawValue), text(finding.confidence.rawValue), text(finding.title),
            text(finding.why), text(finding.cause), time(finding.firstSeen), time(finding.lastSeen),
            time(finding.openedAt), time(finding.resolvedAt), text(finding.resolvedBecause),
            text(finding.proof.rawValue), text(finding.proofWhy), .bool(finding.flapping), text(finding.explain),
            .text(String(decoding: withoutNull(document), as: UTF8.self)),
            .text(String(decoding: document, as: UTF8.self)),
        ]
        precondition(parameters.count == columns.count, "a finding has \(columns.count) columns")
        return parameters
    }

    private static func text(_ value: String?) -> Parameter { value.map { .text(storable($0)) } ?? .null }
    private static func time(_ value: EventTime?) -> Parameter { value.map { .text($0.description) } ?? .null }
}

/// JSON with the escape of U+0000, which jsonb refuses, turned into that of U+FFFD: the same length, the same shape.
func withoutNull(_ json: [UInt8]) -> [UInt8] {
    let null = Array("\\u0000".utf8)
    var result = json
    var index = 0
    while index < json.count {
        guard json[index] == UInt8(ascii: "\\") else {
            index += 1
            continue
        }
        if json[index...].starts(with: null) {
            result.replaceSubrange(index..<index + null.count, with: "\\ufffd".utf8)
        }
        // An escape is at least two bytes: skipping both keeps `\\u0000`, a backslash before a word, as it is.
        index += 2
    }
    return result
}
