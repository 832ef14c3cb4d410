package import FlowModel

extension Explanation {
    /// Writes the JSON of `explain --json`: every key present, always in the same order.
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("from"); json.value(from)
        json.key("to"); json.value(to)
        json.key("protocol"); json.value(IPProtocol.name(ipProtocol))
        json.key("works"); json.value(works)
        json.key("why"); json.value(why)
        json.key("symmetric"); json.value(symmetric)
        json.key("symmetric_reason"); json.value(symmetricReason)
        json.key("inspected"); json.value(inspected)
        json.key("inspected_by"); json.value(inspectedBy)
        json.key("forward"); write(forward, to: &json)
        json.key("return"); write(back, to: &json)
        json.key("routes")
        json.beginArray()
        for route in routes { route.write(to: &json) }
        json.endArray()
        json.key("sees")
        json.beginArray()
        for visibility in sees { write(visibility, to: &json) }
        json.endArray()
        json.key("confidence"); json.value(confidence.rawValue)
        json.key("rests_on"); json.value(restsOn)
        json.key("remedy"); json.value(remedy)
        json.endObject()
    }

    private func write(_ path: [Hop], to json: inout JSONWriter) {
        json.beginArray()
        for hop in path {
            json.beginObject()
            json.key("kind"); json.value(hop.kind.rawValue)
            json.key("name"); json.value(hop.name)
            json.key("address"); json.value(hop.address)
            json.endObject()
        }
        json.endArray()
    }

    private func write(_ visibility: Visibility, to json: inout JSONWriter) {
        json.beginObject()
        json.key("vantage"); json.value(visibility.vantage)
        json.key("forward"); json.value(visibility.forward)
        json.key("forward_reason"); json.value(visibility.forwardReason.rawValue)
        json.key("return"); json.value(visibility.back)
        json.key("return_reason"); json.value(visibility.backReason.rawValue)
        json.endObject()
    }

    /// The answer for people: verdicts first, then the routes that won and lost, the paths, who sees it, the remedy.
    package func text() -> String {
        var lines = ["\(from) → \(to), \(IPProtocol.name(ipProtocol))"]
        lines.append("works:      \(word(works)): \(why)")
        lines.append("symmetric:  \(word(symmetric)): \(symmetricReason)")
        let by = inspectedBy.isEmpty ? "" : " by \(inspectedBy.joined(separator: ", "))"
        lines.append("inspected:  \(word(inspected))\(by)")
        lines.append("forward:    \(text(of: forward))")
        lines.append("return:     \(text(of: back))")
        lines += routeLines()
        if !sees.isEmpty { lines.append("who sees it:") }
        for visibility in sees {
            lines.append(
                "  \(shortName(visibility.vantage)): forward \(word(visibility.forward)) "
                    + "(\(visibility.forwardReason.rawValue)), return \(word(visibility.back)) "
                    + "(\(visibility.backReason.rawValue))")
        }
        lines.append("confidence: \(confidence.rawValue)")
        lines += restsOn.map { "  rests on: \($0)" }
        if !remedy.isEmpty { lines.append("remedy:") }
        lines += remedy.map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    private func routeLines() -> [String] {
        var lines: [String] = []
        var subnet = ""
        for route in routes {
            if route.subnet != subnet {
                subnet = route.subnet
                lines.append("routes at \(shortName(subnet)):")
            }
            let hop = route.nextHop.map { " \($0)" } ?? ""
            lines.append(
                "  \(route.chosen ? "*" : " ") \(route.prefix) → \(route.nextHopType)\(hop) (\(route.source), "
                    + "\(route.appliesTo.joined(separator: " "))): \(route.reason)")
        }
        return lines
    }

    private func text(of path: [Hop]) -> String {
        guard !path.isEmpty else { return "nothing" }
        return path.map { hop in
            let address = hop.address.map { " \($0)" } ?? ""
            return "\(hop.name) (\(hop.kind.rawValue)\(address))"
        }.joined(separator: " → ")
    }

    private func word(_ value: Bool?) -> String { value.map { $0 ? "yes" : "no" } ?? "cannot tell" }

    /// VNet and subnet of a subnet's id, the last part of any other.
    private func shortName(_ id: String) -> String {
        let parts = id.split(separator: "/")
        if parts.count >= 4, parts[parts.count - 2] == "subnets" {
            return "\(parts[parts.count - 3])/\(parts[parts.count - 1])"
        }
        return parts.last.map(String.init) ?? id
    }
}
