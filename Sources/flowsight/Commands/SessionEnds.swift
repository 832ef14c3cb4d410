import Topology

/// The two ends of a session, as a command's `--from` and `--to` name them.
struct SessionEnds {
    var from: String
    var to: String

    /// A text that names no single place is told, and ends the command with 64.
    func places(in topology: Topology) throws -> (from: Place, to: Place) {
        do {
            return try topology.places(from: from, to: to)
        } catch {
            say("flowsight: \(error)")
            throw Exit.usage
        }
    }
}
