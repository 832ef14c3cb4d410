internal import Glibc

/// What `stat(2)` tells of a file: which one it is, and whether it may have changed.
package struct FileStamp: Sendable, Hashable {
    package var device: UInt64
    package var inode: UInt64
    /// Bytes.
    package var size: Int64
    /// Nanoseconds since the Unix epoch; the kernel's clock ticks a few milliseconds at a time.
    package var modified: Int64
    package var changed: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }

    func isSameFile(as other: FileStamp) -> Bool { device == other.device && inode == other.inode }

    /// All of it in 64 bits, by the mixing of SplitMix64: two stamps that differ agree by chance once in 2^64.
    var fingerprint: UInt64 {
        var mixed: UInt64 = 0
        let words = [device, inode] + [size, modified, changed].map { UInt64(bitPattern: $0) }
        for word in words {
            // Wrapping is the algorithm: arithmetic modulo 2^64.
            mixed = (mixed ^ word) &+ 0x9e37_79b9_7f4a_7c15
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            mixed ^= mixed >> 31
        }
        return mixed
    }
}
