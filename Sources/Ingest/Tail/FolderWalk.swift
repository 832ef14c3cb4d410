internal import Glibc

/// A walk through folders, entry by entry, so that a large tree never holds up what else is to be done.
///
/// Symbolic links are followed; each folder is entered once a walk (by device and inode), so loops end. At most
/// `depthLimit` folders are open at once.
final class FolderWalk {
    enum Step {
        /// A folder was opened; its entries come next. To be watched now, before they are read.
        case entered(String)
        /// The same of a folder that bears a drop's name.
        case enteredDropName(String)
        /// A file that is a drop by its name.
        case file(String, FileStamp)
        case notice(WatchNotice)
        /// An entry of no interest.
        case passed
    }

    private struct Level {
        var handle: OpaquePointer
        var path: String
    }

    static let depthLimit = 48
    private let foldersLimit: Int
    private let wants: (String) -> Bool
    private var roots: ArraySlice<String>
    private var levels: [Level] = []
    private var entered: Set<FolderID> = []

    private struct FolderID: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// `wants`: whether a path is a drop by its name. A root that is a file is one, whatever its name.
    init(roots: [String], foldersLimit: Int, wants: @escaping (String) -> Bool) {
        self.roots = roots[...]
        self.foldersLimit = foldersLimit
        self.wants = wants
    }

    deinit { for level in levels { closedir(level.handle) } }

    /// The next step; nil at the end.
    func next() -> Step? {
        guard let level = levels.last else {
            guard let root = roots.popFirst() else { return nil }
            return begin(root)
        }
        // The end of the folder and a failure look the same but for errno; either way there is no more to be had.
        guard let entry = readdir(level.handle) else {
            closedir(level.handle)
            levels.removeLast()
            return .passed
        }
        return look(at: entry, in: level.path)
    }

    private func begin(_ root: String) -> Step {
        var status = stat()
        guard stat(root, &status) == 0 else { return .notice(.unreadable(path: root, cause: reason(errno))) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return enter(root, status)
        case S_IFREG: return .file(root, FileStamp(status))
        default: return .notice(.notRegular(path: root))
        }
    }

    private func look(at entry: UnsafeMutablePointer<dirent>, in folder: String) -> Step {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
        if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { return .passed }
        guard let text = String(validating: name, as: UTF8.self) else {
            return .notice(.nameNotUTF8(path: folder + "/" + String(decoding: name, as: UTF8.self)))
        }
        let path = folder == "/" ? "/" + text : folder + "/" + text
        let kind = Int32(entry.pointee.d_type)
        let isDrop = wants(path)
        // Most entries of a folder that is not ours alone: no need to ask the kernel about them.
        if !isDrop, kind == Int32(DT_REG) { return .passed }
        var status = stat()
        // It is gone since, or a link that leads nowhere (a loop of links to themselves among them).
        guard stat(path, &status) == 0 else { return .passed }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            return isDrop ? .file(path, FileStamp(status)) : .passed
        case S_IFDIR:
            let step = enter(path, status)
            if isDrop, case .entered = step { return .enteredDropName(path) }
            return step
        default:
            return isDrop ? .notice(.notRegular(path: path)) : .passed
        }
    }

    private func enter(_ path: String, _ status: stat) -> Step {
        guard levels.count < Self.depthLimit else { return .notice(.tooDeep(path: path)) }
        guard entered.count < foldersLimit else { return .notice(.tooManyFolders(limit: foldersLimit)) }
        let id = FolderID(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        guard entered.insert(id).inserted else { return .passed }
        guard let handle = opendir(path) else { return .notice(.unreadable(path: path, cause: reason(errno))) }
        levels.append(Level(handle: handle, path: path))
        return .entered(path)
    }
}
