package import FlowModel

extension Verification {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("nic")
        json.value(nic)
        json.key("subnet")
        json.value(subnet)
        json.key("agrees")
        json.value(agrees)
        json.key("differences")
        json.beginArray()
        for difference in differences { write(difference, to: &json) }
        json.endArray()
        json.key("not_compared")
        json.beginArray()
        for row in notCompared {
            json.beginObject()
            json.key("prefix")
            json.value(row.prefix)
            json.key("reason")
            json.value(row.reason)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    private func write(_ difference: Difference, to json: inout JSONWriter) {
        json.beginObject()
        json.key("prefix")
        json.value(difference.prefix)
        json.key("kind")
        json.value(difference.kind.rawValue)
        json.key("azure")
        write(difference.azure, to: &json)
        json.key("azure_reason")
        json.value(difference.azureReason)
        json.key("model")
        write(difference.model, to: &json)
        json.key("model_reason")
        json.value(difference.modelReason)
        json.endObject()
    }

    private func write(_ side: Side?, to json: inout JSONWriter) {
        guard let side else { return json.null() }
        json.beginObject()
        json.key("source")
        json.value(side.source)
        json.key("state")
        json.value(side.isActive ? "active" : "invalid")
        json.key("next_hop_type")
        json.value(side.nextHopType)
        json.key("next_hop")
        json.value(side.nextHops.isEmpty ? nil : side.nextHops.joined(separator: ","))
        json.endObject()
    }

    /// What a person reads.
    package func text() -> String {
        let verdict = agrees ? "agrees" : differences.count == 1 ? "1 difference" : "\(differences.count) differences"
        var lines = ["\(lastPart(nic)) at \(subnetName): \(verdict), \(agreeing) routes alike"]
        for difference in differences {
            lines.append("")
            lines.append("\(difference.prefix)  \(difference.kind.rawValue.replacing("_", with: " "))")
            // Azure's reason is its row; the model's is the rule behind it.
            lines.append("  Azure: \(difference.azureReason)")
            lines.append("  model: \(difference.model.map { "\(line($0)); " } ?? "")\(difference.modelReason)")
        }
        if !notCompared.isEmpty {
            lines +=
                ["", "not compared:"]
                + Dictionary(grouping: notCompared, by: \.reason)
                .sorted { ($0.value[0].prefix, $0.key) < ($1.value[0].prefix, $1.key) }.map { reason, rows in
                    let shown = rows.prefix(4).map(\.prefix).joined(separator: " ")
                    let more = rows.count > 4 ? " and \(rows.count - 4) more" : ""
                    return "  \(shown)\(more): \(reason)"
                }
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ side: Side) -> String {
        "\(side.source), \(side.isActive ? "active" : "invalid"), "
            + ([side.nextHopType] + side.nextHops).joined(separator: " ")
    }
}
