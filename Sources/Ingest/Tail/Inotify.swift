internal import Glibc

/// The kernel's file events (`man 7 inotify`): one descriptor, closed when this goes.
struct Inotify: ~Copyable {
    struct Event {
        var watch: Int32
        var mask: UInt32
        /// Empty where the watched file itself is meant.
        var name: [UInt8]

        func has(_ bit: UInt32) -> Bool { mask & bit != 0 }
    }

    // The C macros are 32-bit patterns (`linux/inotify.h`), which Swift imports under several types.
    static let modify: UInt32 = 0x2
    static let attributes: UInt32 = 0x4
    static let closeWrite: UInt32 = 0x8
    static let movedFrom: UInt32 = 0x40
    static let movedTo: UInt32 = 0x80
    static let create: UInt32 = 0x100
    static let delete: UInt32 = 0x200
    static let moveSelf: UInt32 = 0x800
    static let overflow: UInt32 = 0x4000
    static let ignored: UInt32 = 0x8000
    static let isFolder: UInt32 = 0x4000_0000
    private static let watched = modify | attributes | closeWrite | movedFrom | movedTo | create | delete | moveSelf

    let descriptor: Int32

    /// Nil where the kernel gives none, with the reason in `cause`.
    static func open(cause: inout String) -> Inotify? {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else {
            cause = reason(errno)
            return nil
        }
        return Inotify(descriptor: descriptor)
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Watches a folder or file; a number that names it in events, else nil and `errno`'s reason in `cause`.
    borrowing func add(_ path: String, cause: inout String) -> Int32? {
        let watch = inotify_add_watch(descriptor, path, Self.watched)
        guard watch >= 0 else {
            cause = reason(errno)
            return nil
        }
        return watch
    }

    /// Its last event is `ignored`.
    borrowing func remove(_ watch: Int32) { inotify_rm_watch(descriptor, watch) }

    /// The events of one read, none where none wait; 64 KiB of them at most.
    borrowing func read() -> [Event] {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { buffer in
            let count = retrying { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
            var events: [Event] = []
            var offset = 0
            // struct inotify_event: watch, mask, cookie, length of the name; then the name, filled up with zeros.
            while offset + 16 <= count {
                let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                guard offset + 16 + length <= count else { break }
                events.append(
                    Event(
                        watch: buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                        mask: buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                        name: Array(buffer[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 })))
                offset += 16 + length
            }
            return events
        }
    }
}
