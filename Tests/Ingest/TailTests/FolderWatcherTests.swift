import Foundation
import Glibc
import Runtime
import Tail
import Testing

/// What was told until nothing more came, in the order of the paths.
private struct Told {
    var present: [String] = []
    var gone: [String] = []
    var notices: [WatchNotice] = []
    var live: Set<String> = []
}

@Suite struct FolderWatcherTests {
    private let folder = ScratchFolder()
    private let clock = SystemClock()

    private func watcher(
        _ include: [String] = ["**/*.json", "**/*.json.gz"], exclude: [String] = [], polls: Bool = false,
        adjust: (inout WatchLimits) -> Void = { _ in }
    ) -> FolderWatcher {
        var limits = WatchLimits()
        limits.usesInotify = !polls
        // Where inotify is tested, polling must not help out.
        limits.pollInterval = polls ? .milliseconds(20) : .seconds(3_600)
        adjust(&limits)
        return FolderWatcher(
            folders: [DropFolder(path: folder.path, include: include, exclude: exclude)], clock: clock, limits: limits)
    }

    /// Asks until `isDone` or twenty seconds have passed.
    private func ask(_ watcher: FolderWatcher, limit: Int = 100, until isDone: (Told) -> Bool) -> Told {
        var told = Told()
        let deadline = Deadline.after(.seconds(20))
        while !isDone(told), !deadline.isPast {
            let report = watcher.changes(liveLimit: limit, backlogLimit: limit, until: deadline, stop: nil)
            #expect(report.changes.count <= 2 * limit)
            for change in report.changes {
                let name = String(change.path.dropFirst(folder.path.utf8.count + 1))
                if change.isLive { told.live.insert(name) }
                if case .gone = change.kind { told.gone.append(name) } else { told.present.append(name) }
            }
            told.notices += report.notices
        }
        #expect(isDone(told), "nothing more came: \(told)")
        told.present.sort()
        return told
    }

    /// What there is to tell without waiting.
    private func rest(_ watcher: FolderWatcher) -> WatchReport {
        watcher.changes(liveLimit: 100, backlogLimit: 100, until: .after(.zero), stop: nil)
    }

    @Test func whatIsThereIsToldFirstAndOnce() {
        folder.makeFolder("a")
        folder.makeFolder("a/b")
        for name in ["x.json", "a/y.json.gz", "a/b/z.json", "a/no.txt", "a/.hidden.json", "empty.json"] {
            folder.write(name == "empty.json" ? "" : "{}", to: name)
        }
        let watcher = watcher()
        let told = ask(watcher) { $0.present.count >= 4 }
        #expect(told.present == ["a/b/z.json", "a/y.json.gz", "empty.json", "x.json"])
        #expect(told.notices.isEmpty)
        #expect(rest(watcher).isEmpty)
        let list = FolderWatcher.list([DropFolder(path: folder.path + "/")], clock: clock)
        #expect(list.changes.map(\.path) == told.present.map(folder.at))
        let single = FolderWatcher.list([DropFolder(path: folder.at("a/no.txt"))], clock: clock)
        #expect(single.changes.map(\.path) == [folder.at("a/no.txt")])
    }

    @Test(arguments: [false, true])
    func growthRenameDeletionAndNewFoldersAreTold(polls: Bool) {
        folder.write("{}", to: "a.json")
        let watcher = watcher(polls: polls)
        _ = ask(watcher) { $0.present == ["a.json"] }
        folder.append("{}", to: "a.json")
        let grown = ask(watcher) { !$0.present.isEmpty }
        #expect(Set(grown.present) == ["a.json"])
        #expect(grown.live == ["a.json"])
        folder.rename("a.json", to: "b.json")
        let renamed = ask(watcher) { $0.present.contains("b.json") }
        #expect(polls || renamed.gone.contains("a.json"))
        folder.makeFolder("new")
        folder.makeFolder("new/deep")
        folder.write("{}", to: "new/deep/c.json")
        _ = ask(watcher) { $0.present.contains("new/deep/c.json") }
        folder.append("{}", to: "new/deep/c.json")
        _ = ask(watcher) { $0.present.contains("new/deep/c.json") }
        folder.rename("new", to: "moved")
        _ = ask(watcher) { $0.present.contains("moved/deep/c.json") }
        folder.append("{}", to: "moved/deep/c.json")
        _ = ask(watcher) { $0.present.contains("moved/deep/c.json") }
    }

    @Test func includeAndExcludeDecide() {
        for name in ["in", "in/x", "out"] { folder.makeFolder(name) }
        for name in ["in/a.json", "in/x/b.json", "in/c.log", "out/d.json", "e.json"] { folder.write("{}", to: name) }
        let watcher = watcher(["in/**/*.json", "*.json"], exclude: ["**/x/*", "e.*"])
        let told = ask(watcher) { !$0.present.isEmpty }
        #expect(told.present == ["in/a.json"])
        #expect(rest(watcher).isEmpty)
    }

    @Test func aFolderWithADropsNameIsToldOnceAndEntered() {
        folder.makeFolder("x.json.gz")
        folder.write("{}", to: "x.json.gz/inner.json")
        let watcher = watcher(polls: true)
        let told = ask(watcher) { !$0.present.isEmpty && !$0.notices.isEmpty }
        #expect(told.present == ["x.json.gz/inner.json"])
        #expect(told.notices == [.folderNamedLikeADrop(path: folder.at("x.json.gz"))])
        // Several further walks find it again and say nothing: each next file proves that another walk was made.
        for index in 0..<3 {
            folder.write("{}", to: "next\(index).json")
            #expect(ask(watcher) { $0.present.contains("next\(index).json") }.notices.isEmpty)
        }
    }

    @Test func linksLoopsDevicesAndOddNamesHurtNobody() {
        folder.makeFolder("a")
        folder.write("{}", to: "a/real.json")
        folder.link("..", as: "a/up")
        folder.link("self", as: "self")
        folder.link("nowhere", as: "dead.json")
        folder.link("a/real.json", as: "link.json")
        makeFIFO(folder.at("pipe.json"))
        let odd = Array(folder.path.utf8) + Array("/bad".utf8) + [0xff] + Array(".json".utf8) + [0]
        let file = odd.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_WRONLY | O_CREAT, 0o644) }
        }
        #expect(file >= 0)
        close(file)
        let watcher = watcher(polls: true)
        let told = ask(watcher) { $0.present.count >= 2 && $0.notices.count >= 2 }
        #expect(told.present == ["a/real.json", "link.json"])
        #expect(
            Set(told.notices) == [
                .notRegular(path: folder.at("pipe.json")), .nameNotUTF8(path: folder.at("bad\u{fffd}.json")),
            ])
        folder.write("{}", to: "next.json")
        #expect(ask(watcher) { $0.present.contains("next.json") }.notices.isEmpty)
    }

    @Test func aFolderThatIsMissingIsToldOnceAndFoundWhenItComes() {
        let missing = DropFolder(path: folder.at("later"))
        var limits = WatchLimits()
        limits.pollInterval = .milliseconds(10)
        let watcher = FolderWatcher(folders: [missing], clock: clock, limits: limits)
        let told = ask(watcher) { !$0.notices.isEmpty }
        #expect(told.notices.count == 1)
        folder.makeFolder("later")
        folder.write("{}", to: "later/a.json")
        #expect(ask(watcher) { $0.present == ["later/a.json"] }.notices.isEmpty)
    }

    @Test func whatDoesNotFitIsToldLater() {
        let names = (0..<50).map { "f\($0).json" }
        for name in names { folder.write("{}", to: name) }
        let watcher = watcher { $0.liveAge = .zero }
        let told = ask(watcher, limit: 7) { $0.present.count >= 50 }
        #expect(told.present == names.sorted())
        #expect(told.live.isEmpty)
        for name in names { folder.append("{}", to: name) }
        let changed = ask(watcher, limit: 7) { Set($0.present).count >= 50 }
        #expect(Set(changed.present) == Set(names))
    }

    @Test func filesThatChangedLatelyAreLiveInTheFirstWalkAndOldOnesAreNot() {
        folder.write("{}", to: "new.json")
        folder.write("{}", to: "old.json")
        var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, folder.at("old.json"), &times, 0) == 0)
        let told = ask(watcher()) { $0.present.count >= 2 }
        #expect(told.live == ["new.json"])
    }

    @Test func anOverflowOfTheEventQueueLosesNothing() throws {
        let limit = try #require(
            Int(
                String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)))
        guard limit <= 100_000 else { return }
        folder.write("{}", to: "a.json")
        let watcher = watcher()
        _ = ask(watcher) { $0.present == ["a.json"] }
        // Two files in turn, so that the kernel cannot fold equal events into one.
        for _ in 0...(limit / 2) {
            for name in ["x.txt", "y.txt"] { close(open(folder.at(name), O_WRONLY | O_CREAT, 0o644)) }
        }
        folder.write("{}", to: "late.json")
        let told = ask(watcher) { $0.present.contains("late.json") }
        #expect(told.notices == [.eventsLost])
    }

    @Test func withoutWatchesForAllFoldersTheOthersArePolled() {
        folder.makeFolder("a")
        folder.makeFolder("b")
        let watcher = watcher {
            $0.watches = 1
            $0.pollInterval = .milliseconds(10)
        }
        #expect(ask(watcher) { !$0.notices.isEmpty }.notices == [.polling(cause: "more than 1 folders")])
        folder.write("{}", to: "a/1.json")
        folder.write("{}", to: "b/2.json")
        #expect(Set(ask(watcher) { Set($0.present).count == 2 }.present) == ["a/1.json", "b/2.json"])
    }

    @Test func theStopSignalEndsTheWait() {
        let stop = StopSignal()
        let watcher = watcher()
        _ = rest(watcher)
        let thread = WorkerThread.start(name: "stop") { stop.fire() }
        let report = watcher.changes(liveLimit: 1, backlogLimit: 1, until: .after(.seconds(20)), stop: stop)
        #expect(report.isStopped)
        thread.join()
    }
}
