/// Which drop to read next: fair, so that neither a flood of old drops nor one huge drop keeps another waiting.
///
/// Two lanes. What changes now is live, what a first scan found is backlog. Live drops go first, yet each fourth turn
/// is the backlog's. Inside a lane drops take turns, a batch each. A drop waits at most once in a lane.
package struct DropQueue: Sendable {
    package struct Turn: Sendable, Hashable {
        package var path: String
        package var isLive: Bool
    }

    private var live: Lane
    private var backlog: Lane
    private var turnsOfLive = 0
    private static let turnsPerRound = 4

    /// - Parameters:
    ///   - liveLimit: live drops that wait at once; about 500 bytes each.
    ///   - backlogLimit: drops of the backlog that wait at once.
    package init(liveLimit: Int = 8_192, backlogLimit: Int = 8_192) {
        live = Lane(limit: liveLimit)
        backlog = Lane(limit: backlogLimit)
    }

    package var count: Int { live.count + backlog.count }
    package var isEmpty: Bool { count == 0 }
    /// The drops that wait, of both lanes.
    package var waiting: Set<String> { live.waiting.union(backlog.waiting) }
    /// Drops that can be added before the lane is full: what `FolderWatcher.changes` is to be asked for.
    package var liveRoom: Int { live.limit - live.count }
    package var backlogRoom: Int { backlog.limit - backlog.count }

    /// Lets a drop wait for its turn; false where its lane is full and it does not wait already.
    @discardableResult
    package mutating func add(_ path: String, isLive: Bool) -> Bool {
        isLive ? live.append(path) : backlog.append(path)
    }

    /// Takes the drop whose turn it is. If it then has more to give, `add` it again: it goes behind the others.
    package mutating func next() -> Turn? {
        if turnsOfLive == Self.turnsPerRound - 1 || live.count == 0 {
            turnsOfLive = 0
            if let path = backlog.removeFirst() { return Turn(path: path, isLive: false) }
        }
        guard let path = live.removeFirst() else { return nil }
        turnsOfLive += 1
        return Turn(path: path, isLive: true)
    }

    /// First in, first out, each path once.
    private struct Lane: Sendable {
        let limit: Int
        private(set) var waiting: Set<String> = []
        private var order: [String] = []
        private var head = 0

        init(limit: Int) { self.limit = limit }

        var count: Int { waiting.count }

        mutating func append(_ path: String) -> Bool {
            if waiting.contains(path) { return true }
            guard waiting.count < limit else { return false }
            waiting.insert(path)
            order.append(path)
            return true
        }

        mutating func removeFirst() -> String? {
            guard head < order.count else { return nil }
            let path = order[head]
            head += 1
            // The taken half is given back at once, so that each path is moved once on average.
            if head * 2 >= order.count {
                order.removeFirst(head)
                head = 0
            }
            waiting.remove(path)
            return path
        }
    }
}
