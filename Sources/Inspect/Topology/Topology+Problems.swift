/// Problems, for commands that answer something else.
extension Topology {
    /// One line that says that there are problems and where they are listed; nil where there is none.
    package var problemNotice: String? {
        guard !problems.isEmpty else { return nil }
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return "topology: \(count) of exports and overlays: `flowsight topology show` lists them"
    }
}
