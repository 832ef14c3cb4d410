/// A folder in which exporters leave drops, and which of its files are drops.
package struct DropFolder: Sendable, Hashable {
    /// Path of the folder. A path that leads to a file stands for that file alone, whatever the globs say.
    package var path: String
    /// Globs for paths below the folder: `*` and `?` inside a name, `**` for any number of folders. A leading dot is
    /// matched by a leading dot only.
    package var include: [String]
    package var exclude: [String]

    package init(path: String, include: [String] = ["**/*.json", "**/*.json.gz"], exclude: [String] = []) {
        self.path = path
        self.include = include
        self.exclude = exclude
    }
}

/// The globs of a folder, ready for matching.
struct DropFilter: Sendable {
    private let include: [Glob]
    private let exclude: [Glob]

    init(_ folder: DropFolder) {
        include = folder.include.map(Glob.init)
        exclude = folder.exclude.map(Glob.init)
    }

    /// `prefix`: the folder's path, with its slash.
    func wants(_ path: String, below prefix: String) -> Bool {
        guard path.utf8.starts(with: prefix.utf8) else { return false }
        let relative = Array(path.utf8.dropFirst(prefix.utf8.count))
        return include.contains { $0.matches(relative) } && !exclude.contains { $0.matches(relative) }
    }
}
