package import Runtime

/// The readers of drops that are being read or may grow, the most lately used of them. One thread's.
///
/// A reader that was put away costs nothing but time: when its drop grows, a new one identifies it again.
package final class ReaderShelf {
    private struct Place {
        var reader: DropReader
        var lastUse: UInt64
    }

    private let clock: any WallClock
    private let limits: TailLimits
    private let readersLimit: Int
    private let bytesLimit: Int
    private let claims = LineageClaims()
    private var places: [String: Place] = [:]
    private var uses: UInt64 = 0

    /// - Parameters:
    ///   - readersLimit: readers that are kept; at least 1.
    ///   - bytesLimit: bytes that they hold between their turns, all together. One reader alone may hold more
    ///     (`TailLimits`).
    package init(
        clock: any WallClock, limits: TailLimits = TailLimits(), readersLimit: Int = 1_024,
        bytesLimit: Int = 32 << 20
    ) {
        precondition(readersLimit >= 1, "a shelf without room")
        self.clock = clock
        self.limits = limits
        self.readersLimit = readersLimit
        self.bytesLimit = bytesLimit
    }

    package var count: Int { places.count }
    /// Bytes that the readers hold, about.
    package var memoryBytes: Int { places.values.reduce(0) { $0 + $1.reader.memoryBytes } }

    /// The reader of a drop, made if there is none.
    package func reader(of path: String) -> DropReader {
        uses += 1
        let reader = places[path]?.reader ?? DropReader(path: path, clock: clock, limits: limits, claims: claims)
        places[path] = Place(reader: reader, lastUse: uses)
        return reader
    }

    /// Puts a drop's reader away: it has vanished, or is done with.
    package func remove(_ path: String) { places[path] = nil }

    /// Puts away what is beyond the limits, longest unused first; never a reader that awaits a commit, nor the one used
    /// last. To be called after each turn.
    package func trim() {
        var bytes = memoryBytes
        while places.count > readersLimit || bytes > bytesLimit {
            let spare = places.filter { $0.value.lastUse != uses && !$0.value.reader.isAwaitingCommit }
            guard let oldest = spare.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
            bytes -= oldest.value.reader.memoryBytes
            places[oldest.key] = nil
        }
    }
}
