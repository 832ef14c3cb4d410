/// Why a drop or a folder cannot be read now. What a drop holds is never such an error: that becomes a dead letter.
package struct TailError: Error {
    package enum Code: String, Sendable, CaseIterable {
        /// The file may not be opened or read (permissions, a broken link, an I/O error).
        case unreadable
        /// The path leads to a folder, FIFO, socket or device.
        case notRegular = "not_regular"
        /// The process or the machine has no descriptor left; later it may.
        case tooManyOpenFiles = "too_many_open_files"
        /// No memory for decompression; later there may be.
        case outOfMemory = "out_of_memory"
        /// What is known of lineages could not be asked; `underlying` says why.
        case lineageStore = "lineage_store"
    }

    package var code: Code
    /// The path of the drop or folder.
    package var path: String
    package var cause: String
    /// The lineage store's own error, for the caller to judge whether trying again makes sense.
    package var underlying: (any Error)?

    package init(code: Code, path: String, cause: String, underlying: (any Error)? = nil) {
        self.code = code
        self.path = path
        self.cause = cause
        self.underlying = underlying
    }

    /// What an operator can do about it.
    package var hint: String {
        switch code {
        case .unreadable: return "let the daemon's user read the file and enter all folders above it"
        case .notRegular: return "name regular files only, or exclude the path"
        case .tooManyOpenFiles: return "raise the limit of open files (LimitNOFILE)"
        case .outOfMemory: return "give the process more memory"
        case .lineageStore: return "look at the database: reading goes on when it answers"
        }
    }
}

extension TailError: CustomStringConvertible {
    package var description: String { "\(path): \(code.rawValue): \(cause); \(hint)" }
}
