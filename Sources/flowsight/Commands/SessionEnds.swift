import FlowModel
import Topology

/// The two ends of a session, as a command's `--from` and `--to` name them.
struct SessionEnds {
    var from: String
    var to: String

    /// An on-premises address lives in every domain of its range: there the other end says which one is meant. A text that
    /// names no single place is told, and ends the command with 64.
    func places(in topology: Topology) throws -> (from: Place, to: Place) {
        do {
            return (try topology.place(from), try topology.place(to))
        } catch {
            if error.code == .ambiguous, let places = placesByOtherEnd(of: error.text, in: topology) { return places }
            say("flowsight: \(error)")
            throw Exit.usage
        }
    }

    private func placesByOtherEnd(of text: String, in topology: Topology) -> (from: Place, to: Place)? {
        guard let address = IPAddress(text) else { return nil }
        let isFrom = text == from
        // The other end may be ambiguous or wrong, too: then its own error is the one to tell.
        guard let other = try? topology.place(isFrom ? to : from), other.domain >= 0 else { return nil }
        let place = topology.place(address, domain: other.domain)
        guard place.endpoint.kind == .onPremises else { return nil }
        return isFrom ? (place, other) : (other, place)
    }
}
