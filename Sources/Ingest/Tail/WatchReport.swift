/// What a watcher has seen since the last question.
package struct WatchReport: Sendable {
    package var changes: [DropChange] = []
    package var notices: [WatchNotice] = []
    /// The stop signal fired.
    package var isStopped = false

    package init() {}
    package var isEmpty: Bool { changes.isEmpty && notices.isEmpty && !isStopped }
}

/// A drop that appeared, changed or went.
package struct DropChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// It is there, new or changed.
        case present(FileStamp)
        /// It was deleted or moved away. Only told where inotify tells it; a reader finds it out anyway.
        case gone
    }

    package var path: String
    package var kind: Kind
    /// True for what changed while it was watched, false for what the first look at a folder found.
    package var isLive: Bool
}

/// Something about a folder that the operator should know; each is told once as long as the watcher lives.
package enum WatchNotice: Sendable, Hashable {
    /// A folder bears a name that the include globs want. It is entered like any other folder.
    case folderNamedLikeADrop(path: String)
    /// A FIFO, socket or device bears such a name. It is not opened.
    case notRegular(path: String)
    /// A name is no UTF-8 and is left out; shown with the bad bytes replaced.
    case nameNotUTF8(path: String)
    /// A folder cannot be entered, or is not there.
    case unreadable(path: String, cause: String)
    /// A folder lies deeper than the watcher goes and is left out.
    case tooDeep(path: String)
    /// There are more folders than the watcher enters in one walk.
    case tooManyFolders(limit: Int)
    /// There are more drops than the watcher remembers; those above are told again and again, which costs time only.
    case tooManyDrops(limit: Int)
    /// inotify does not work here, or not for all folders: changes are found by looking, at the polling interval.
    case polling(cause: String)
    /// Events came faster than they were taken; everything is looked at again. Told once, happens as often as need be.
    case eventsLost
}

extension WatchNotice: CustomStringConvertible {
    /// For people, with what to do about it.
    package var description: String {
        switch self {
        case .folderNamedLikeADrop(let path):
            return "\(path) is a folder with a drop's name: what it holds is read, rename it"
        case .notRegular(let path): return "\(path) is no regular file and is left out: exclude it"
        case .nameNotUTF8(let path): return "\(path) has a name that is no UTF-8 and is left out: rename it"
        case .unreadable(let path, let cause):
            return "\(path) cannot be entered (\(cause)): check the path and its permissions"
        case .tooDeep(let path):
            return "\(path) lies too deep and is left out: name a folder nearer to the drops"
        case .tooManyFolders(let limit): return "more than \(limit) folders: move old ones away"
        case .tooManyDrops(let limit): return "more than \(limit) drops: move old ones away"
        case .polling(let cause):
            return "inotify is not available for all folders (\(cause)): changes are found by polling"
        case .eventsLost:
            return "file events came faster than they were taken: all folders are looked at again"
        }
    }
}
