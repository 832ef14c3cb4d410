import FlowModel
import Topology

/// An answer in the words of an expectation table.
extension Fixture {
    /// The cells of a row as the answer has them, under the names of the columns.
    func cells(of answer: Explanation) -> [(column: String, value: String)] {
        let route = answer.routes.first { $0.chosen && $0.subnet == clientSubnet }
        return [
            ("route", route.map { "\($0.prefix) \($0.nextHopType)" } ?? ""),
            ("forward", roles(of: answer.forward)), ("return", roles(of: answer.back)),
            ("works", word(answer.works)), ("symmetric", word(answer.symmetric)), ("inspected", word(answer.inspected)),
            ("client", view(of: clientVantage.map { [$0] }, in: answer)), ("firewall", view(of: firewall, in: answer)),
            ("endpoint", view(of: server.map { [$0] }, in: answer)),
        ]
    }

    private func roles(of path: [Hop]) -> String {
        var words: [String] = []
        var index = 0
        while index < path.count {
            let hop = path[index]
            let next = index + 1 < path.count ? path[index + 1] : nil
            // On-premises and its gateway are one role: no log of ours stands at either.
            if let next, Set([hop.kind, next.kind]) == [.onPremises, .gateway] {
                words.append(role(of: hop.kind == .onPremises ? hop : next))
                index += 1
            } else if hop.kind != .loadBalancer {
                words.append(hop.kind == .onPremises ? hop.kind.rawValue : role(of: hop))
            }
            index += 1
        }
        return words.joined(separator: " ")
    }

    private func role(of hop: Hop) -> String {
        switch hop.kind {
        case .nic, .onPremises: hop.address == endpoint ? "server" : "client"
        case .firewall, .appliance: "firewall"
        case .privateEndpoint: "endpoint"
        default: hop.kind.rawValue
        }
    }

    private var clientVantage: String? {
        guard case .machine(_, let nic, _) = client else { return nil }
        return TestNetwork.network("networkInterfaces", nic).lowercased()
    }

    private func view(of vantage: [String]?, in answer: Explanation) -> String {
        guard let vantage else { return "" }
        guard let sees = answer.sees.first(where: { vantage.contains($0.vantage) }) else {
            return "no such vantage point"
        }
        return "\(word(sees.forward)) \(sees.forwardReason.rawValue), \(word(sees.back)) \(sees.backReason.rawValue)"
    }

    private func word(_ value: Bool?) -> String { value.map { "\($0)" } ?? "null" }
}
