/// Which of the open brackets are objects: a stack of 64 bits.
struct Nesting {
    private(set) var depth = 0
    private var objects: UInt64 = 0

    var topIsObject: Bool { objects & 1 == 1 }

    mutating func push(isObject: Bool) -> Bool {
        guard depth < RecordSplitter.depthLimit else { return false }
        objects = objects << 1 | (isObject ? 1 : 0)
        depth += 1
        return true
    }

    mutating func pop() {
        objects >>= 1
        depth = max(depth - 1, 0)
    }
}
