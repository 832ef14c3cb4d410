/// Bounds of a watcher, and how often it looks itself.
package struct WatchLimits: Sendable {
    /// Time from the end of a walk through all folders to the next. What inotify misses is found this late; it is
    /// stretched to twenty times the walk's own length.
    package var pollInterval: Duration = .seconds(5)
    /// Folders that are watched by inotify; the others are polled. About 1 KiB of the kernel's memory and a path each.
    package var watches = 16_384
    /// Folders entered in one walk: 40 bytes each.
    package var folders = 262_144
    /// Drops remembered between walks: 48 bytes each.
    package var drops = 1_000_000
    /// Entries looked at before events are taken again.
    package var entriesPerStep = 2_000
    /// Files that changed this recently count as live in the first walk.
    package var liveAge: Duration = .seconds(3_600)
    /// Distinct notices that are told; about 500 bytes each.
    package var notices = 1_024
    /// False: no inotify, polling alone (network file systems do not report what others write).
    package var usesInotify = true

    package init() {}
}
