internal import Digest
internal import FlowModel
internal import Glibc
package import Runtime

/// Finds drops in folders and tells when they change: by inotify where it works, and by looking in any case.
/// One thread's.
///
/// The first questions report what is there, then what changes. Folders that appear are entered and watched before
/// they are read, so nothing falls between. When the kernel's event queue overflows, everything is looked at again.
/// What does not fit into the caller's limits is left for a later question, not forgotten.
package final class FolderWatcher {
    private struct Memory {
        var fingerprint: UInt64
        var generation: UInt32
    }

    private let roots: [String]
    private let filters: [(prefix: String, filter: DropFilter)]
    private let clock: any WallClock
    private let limits: WatchLimits

    private var inotify: Inotify?
    private var watches: [Int32: String] = [:]
    private var events: ArraySlice<Inotify.Event> = []

    private var walk: FolderWalk?
    private var subtrees: [String] = []
    private var isWalkFull = true
    private var walkStart = ContinuousClock.now
    private var nextWalk = Deadline.after(.zero)
    private var isFirstWalkDone = false
    private var hasSkipped = false
    private var mostRoom = (live: 1, backlog: 1)
    private var generation: UInt32 = 0

    private var known: [RecordHash: Memory] = [:]
    private var told: Set<WatchNotice> = []
    private var pendingNotices: [WatchNotice] = []

    package init(folders: [DropFolder], clock: any WallClock, limits: WatchLimits = WatchLimits()) {
        roots = folders.map { Self.withoutTrailingSlash($0.path) }
        filters = folders.map { folder in
            let path = Self.withoutTrailingSlash(folder.path)
            return (path == "/" ? "/" : path + "/", DropFilter(folder))
        }
        self.clock = clock
        self.limits = limits
        guard limits.usesInotify else { return }
        var cause = ""
        inotify = Inotify.open(cause: &cause)
        if inotify == nil { tell(.polling(cause: cause)) }
    }

    /// All drops that are in the folders now, sorted by path, for a single reading. Takes memory for each.
    package static func list(
        _ folders: [DropFolder], clock: any WallClock, limits: WatchLimits = WatchLimits()
    ) -> WatchReport {
        var limits = limits
        limits.usesInotify = false
        let watcher = FolderWatcher(folders: folders, clock: clock, limits: limits)
        var report = WatchReport()
        while !watcher.isFirstWalkDone {
            watcher.look(&report, liveLimit: .max, backlogLimit: .max)
        }
        report.notices = watcher.pendingNotices
        report.changes.sort { $0.path < $1.path }
        return report
    }

    /// Waits until something is to be told, the deadline passes or the stop fires.
    ///
    /// - Parameters:
    ///   - liveLimit: the most live changes that the caller can take; with 0 they wait.
    ///   - backlogLimit: the same for what the first walk finds.
    package func changes(
        liveLimit: Int, backlogLimit: Int, until deadline: Deadline, stop: StopSignal?
    ) -> WatchReport {
        var report = WatchReport()
        mostRoom = (max(mostRoom.live, liveLimit), max(mostRoom.backlog, backlogLimit))
        // What was left out costs a whole walk: only when half of the room is free again.
        let hasRoom = liveLimit * 2 >= mostRoom.live && backlogLimit * 2 >= mostRoom.backlog
        while true {
            if hasSkipped, hasRoom { nextWalk = .after(.zero) }
            takeEvents(&report, liveLimit: liveLimit)
            look(&report, liveLimit: liveLimit, backlogLimit: backlogLimit)
            swap(&report.notices, &pendingNotices)
            report.isStopped = stop?.isFired ?? false
            if !report.isEmpty || deadline.isPast { return report }
            if walk != nil || (!events.isEmpty && liveLimit > 0) { continue }
            // Without room for live changes the events stay with the kernel, and only time is waited for.
            let descriptor = liveLimit > 0 ? inotify?.descriptor ?? -1 : -1
            _ = poll(descriptor, for: .read, stop: stop, deadline: min(deadline, nextWalk))
        }
    }

    /// True when all that is known to have changed has been reported: no walk is due or under way, no event waits, nothing
    /// was left out for want of room.
    package var isCaughtUp: Bool {
        isFirstWalkDone && walk == nil && subtrees.isEmpty && events.isEmpty && !hasSkipped && !nextWalk.isPast
    }

    // MARK: Looking

    /// One step of the walk that is due, if one is.
    private func look(_ report: inout WatchReport, liveLimit: Int, backlogLimit: Int) {
        guard let walk = walk ?? beginWalk() else { return }
        var room = (live: liveLimit - report.changes.count, backlog: backlogLimit)
        for _ in 0..<limits.entriesPerStep {
            guard let step = walk.next() else { return endWalk() }
            switch step {
            case .passed: break
            case .notice(let notice): tell(notice)
            case .entered(let path): watch(path)
            case .enteredDropName(let path):
                tell(.folderNamedLikeADrop(path: path))
                watch(path)
            case .file(let path, let stamp): found(path, stamp, &report, &room)
            }
        }
    }

    private func beginWalk() -> FolderWalk? {
        let isDue = nextWalk.isPast
        guard isDue || !subtrees.isEmpty else { return nil }
        isWalkFull = isDue
        if isDue {
            generation &+= 1
            hasSkipped = false
        }
        walkStart = .now
        walk = FolderWalk(roots: isDue ? roots : subtrees, foldersLimit: limits.folders) { [filters] path in
            filters.contains { $0.filter.wants(path, below: $0.prefix) }
        }
        subtrees = []
        return walk
    }

    private func endWalk() {
        walk = nil
        guard isWalkFull else { return }
        if !hasSkipped {
            let current = generation
            known = known.filter { $0.value.generation == current }
            isFirstWalkDone = true
        }
        let length = ContinuousClock.now - walkStart
        nextWalk = .after(max(limits.pollInterval, length * 20))
    }

    private func found(
        _ path: String, _ stamp: FileStamp, _ report: inout WatchReport, _ room: inout (live: Int, backlog: Int)
    ) {
        let key = RecordHash(of: Array(path.utf8).span)
        if let memory = known[key], memory.fingerprint == stamp.fingerprint {
            known[key]?.generation = generation
            return
        }
        let isLive = isFirstWalkDone || !isWalkFull || isRecent(stamp)
        guard isLive ? room.live > 0 : room.backlog > 0 else {
            hasSkipped = true
            return
        }
        if isLive { room.live -= 1 } else { room.backlog -= 1 }
        remember(key, stamp)
        report.changes.append(DropChange(path: path, kind: .present(stamp), isLive: isLive))
    }

    private func remember(_ key: RecordHash, _ stamp: FileStamp) {
        guard known.count < limits.drops || known[key] != nil else { return tell(.tooManyDrops(limit: limits.drops)) }
        known[key] = Memory(fingerprint: stamp.fingerprint, generation: generation)
    }

    private func isRecent(_ stamp: FileStamp) -> Bool {
        let age = Duration.nanoseconds(clock.microseconds * 1_000 - stamp.modified)
        return age < limits.liveAge
    }

    // MARK: Events

    private func watch(_ path: String) {
        guard inotify != nil else { return }
        guard watches.count < limits.watches else {
            return tell(.polling(cause: "more than \(limits.watches) folders"))
        }
        var cause = ""
        if let watch = inotify?.add(path, cause: &cause) {
            watches[watch] = path
        } else if cause != reason(ENOENT) {
            tell(.polling(cause: cause))
        }
    }

    private func takeEvents(_ report: inout WatchReport, liveLimit: Int) {
        guard inotify != nil else { return }
        var seen: Set<String> = []
        while report.changes.count < liveLimit {
            if events.isEmpty {
                events = inotify?.read()[...] ?? []
                if events.isEmpty { return }
            }
            while report.changes.count < liveLimit, let event = events.popFirst() {
                take(event, &report, &seen)
            }
        }
    }

    private func take(_ event: Inotify.Event, _ report: inout WatchReport, _ seen: inout Set<String>) {
        if event.has(Inotify.overflow) {
            tell(.eventsLost)
            walk = nil
            nextWalk = .after(.zero)
            return
        }
        guard let folder = watches[event.watch] else { return }
        if event.has(Inotify.ignored) {
            watches[event.watch] = nil
            return
        }
        if event.has(Inotify.moveSelf) {
            // A root went elsewhere: its watches would tell wrong names.
            forget(below: folder)
            nextWalk = .after(.zero)
            return
        }
        guard !event.name.isEmpty else { return }
        guard let name = String(validating: event.name, as: UTF8.self) else {
            return tell(.nameNotUTF8(path: folder + "/" + String(decoding: event.name, as: UTF8.self)))
        }
        let path = folder == "/" ? "/" + name : folder + "/" + name
        if event.has(Inotify.isFolder) {
            takeFolder(event, path)
        } else if filters.contains(where: { $0.filter.wants(path, below: $0.prefix) }), seen.insert(path).inserted {
            takeFile(path, &report)
        }
    }

    private func takeFolder(_ event: Inotify.Event, _ path: String) {
        if event.has(Inotify.movedFrom) { forget(below: path) }
        guard event.has(Inotify.create | Inotify.movedTo | Inotify.attributes) else { return }
        // Many at once are cheaper to find by one walk.
        if subtrees.count < 256 { subtrees.append(path) } else { nextWalk = .after(.zero) }
    }

    /// An event is reason enough to report a file, whatever its stamp: clocks tick more slowly than writers write.
    private func takeFile(_ path: String, _ report: inout WatchReport) {
        var status = stat()
        let key = RecordHash(of: Array(path.utf8).span)
        guard stat(path, &status) == 0 else {
            known[key] = nil
            report.changes.append(DropChange(path: path, kind: .gone, isLive: true))
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let stamp = FileStamp(status)
            remember(key, stamp)
            report.changes.append(DropChange(path: path, kind: .present(stamp), isLive: true))
        case S_IFDIR:
            // A link to a folder: its event does not say so.
            subtrees.append(path)
        default:
            tell(.notRegular(path: path))
        }
    }

    private func forget(below folder: String) {
        for (watch, path) in watches where path == folder || path.hasPrefix(folder + "/") {
            inotify?.remove(watch)
            watches[watch] = nil
        }
    }

    private func tell(_ notice: WatchNotice) {
        guard told.count < limits.notices, told.insert(notice).inserted else { return }
        pendingNotices.append(notice)
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        var path = path
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
        return path
    }
}
