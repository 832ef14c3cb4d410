import Correlate
import FlowModel
import Synchronization
import Topology

/// Where the thread that reads topologies and the ingest thread meet: nobody waits for the other.
final class TopologyDesk: Sendable {
    /// A topology that was read, stored, and made ready.
    struct Update: Sendable {
        var topology: Topology
        var timeline: TopologyTimeline
        /// Nil where the ingest thread's versions have changed since.
        var ready: Ready?
    }

    /// What was made beforehand of the ingest thread's versions.
    struct Ready: Sendable {
        /// Those and the new one.
        var versions: TopologyVersions
        /// What the new one answers to the paths that the rows of late have asked for.
        var paths: PreparedPaths?
    }

    private struct State {
        var reading: TopologyReading
        var update: Update?
        /// Counts what the ingest thread has lent, so that what was made of an older one is known.
        var edition = 0
        var lent: TopologyVersions?
        var updateEdition = 0
        var waste: [any Sendable] = []
        var arePathsWanted = false
        var paths: PathCache?
        var isRequested = false
        var isStored = false
    }

    private let state: Mutex<State>

    init(_ reading: TopologyReading) { state = Mutex(State(reading: reading)) }

    /// The topology of the files as they were read last.
    var current: TopologyReading { state.withLock(\.reading) }

    /// Says that the database holds the current topology: what it was made of is not needed any more.
    func stored() { state.withLock { $0.isStored = true } }

    /// Lets go what the current topology was made of, once it is stored.
    func letGo() {
        state.withLock { state in
            if state.isStored { state.reading.resources = nil }
        }
    }

    /// Asks for the files to be read anew, changed or not.
    func request() { state.withLock { $0.isRequested = true } }

    /// Whether somebody has asked since the last time.
    func takeRequest() -> Bool {
        state.withLock { state in
            defer { state.isRequested = false }
            return state.isRequested
        }
    }

    /// Shows the versions that the ingest thread judges by, and leaves those that it needs no more: freeing them takes
    /// time.
    func lend(_ versions: TopologyVersions, disposing old: [any Sendable]) {
        state.withLock { state in
            if state.lent?.newest != versions.newest { state.edition += 1 }
            if state.lent?.newest != versions.newest || state.lent?.frames.count != versions.frames.count {
                if let lent = state.lent { state.waste.append(lent) }
                state.lent = versions
            }
            state.waste += old
        }
    }

    /// Asks the ingest thread for the paths that it remembers.
    func wantPaths() { state.withLock { $0.arePathsWanted = true } }

    /// Shows the paths that the ingest thread remembers, where they are wanted.
    func lend(paths: () -> PathCache) {
        state.withLock { state in
            guard state.arePathsWanted else { return }
            state.arePathsWanted = false
            state.paths = paths()
        }
    }

    /// The paths that were wanted; nil as long as the ingest thread has not come by.
    func takePaths() -> PathCache? {
        state.withLock { state in
            defer { state.paths = nil }
            return state.paths
        }
    }

    /// Takes `wantPaths` back.
    func giveUpPaths() {
        state.withLock { state in
            state.arePathsWanted = false
            state.paths = nil
        }
    }

    /// What the ingest thread judges by, and its edition.
    func lent() -> (versions: TopologyVersions?, edition: Int) { state.withLock { ($0.lent, $0.edition) } }

    /// Puts a topology down for the ingest thread; an earlier one that it has not taken is replaced.
    func put(_ reading: TopologyReading, _ update: Update, edition: Int) {
        state.withLock { state in
            state.reading = reading
            state.update = update
            state.updateEdition = edition
        }
    }

    /// What was put down since the last time.
    func take() -> Update? {
        state.withLock { state in
            guard var update = state.update else { return nil }
            if state.updateEdition != state.edition { update.ready = nil }
            state.update = nil
            return update
        }
    }

    /// Frees what the ingest thread has left, on the calling thread.
    func dispose() {
        let waste = state.withLock { state in
            defer { state.waste = [] }
            return state.waste
        }
        _ = consume waste
    }
}
