import Digest
import FlowModel

/// What a finding is known by: a hash of its detector and subject alone, 32 hexadecimal digits, the same for ever.
package func fingerprint(detector: String, subject: [String: String]) -> String {
    var text = detector
    for (key, value) in subject.sorted(by: { $0.key < $1.key }) { text += "\n\(key)=\(value)" }
    let bytes = Array(text.utf8)
    return RecordHash(of: bytes.span).description
}
