internal import Inflate

/// The bytes of one drop: raw ones in from the file, uncompressed ones out, and the marks by which a file that was
/// closed is known again as the one that was read.
struct DropInput: ~Copyable {
    /// What a file that is opened again turns out to be.
    enum Resumption {
        /// What was read still stands there: go on behind it.
        case goesOn
        /// Only what follows the checkpoint was overwritten (Azure moves the closing `]}`): go on at the checkpoint.
        case goesOnAtCheckpoint
        /// Another content: read anew from 0.
        case changed
    }

    private let limits: TailLimits
    private var inflater: Inflater
    /// Raw bytes as the last read brought them; `taken` of them are used.
    private var chunk: [UInt8] = []
    private var chunkStart: Int64 = 0
    private var taken = 0
    /// Raw bytes at the file's start, before `chunkStart`, and before the checkpoint.
    private(set) var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var checkpointTail: [UInt8] = []
    private var checkpoint: Int64 = 0
    /// Why nothing more comes out, for good.
    private(set) var fault: InflateError?

    /// Bytes compared at the start of a file, and before a position in it.
    private static let headBytes = 1_024
    private static let tailBytes = 4_096

    init(limits: TailLimits) {
        self.limits = limits
        inflater = Inflater(limits: limits.inflate)
    }

    /// Raw bytes used so far.
    private var position: Int64 { chunkStart + Int64(taken) }
    /// True where a gzip drop stops inside a member, or has a fault.
    var isShort: Bool { inflater.isPlain == false && !inflater.isBetweenMembers }
    /// True where one byte, 1f, is all there is: it is neither gzip nor given out.
    var holdsFirstByte: Bool { inflater.holdsFirstByte }
    /// Bytes held while at rest.
    var memoryBytes: Int { head.count + tail.count + checkpointTail.count + (inflater.isPlain == false ? 40_960 : 0) }

    /// Replaces `output` by the next uncompressed bytes, perhaps none yet; false when there is no more input now.
    mutating func next(
        from file: borrowing DropFile, into output: inout [UInt8], checkpoint: Int64
    ) throws(TailError) -> Bool {
        output.removeAll(keepingCapacity: true)
        guard fault == nil else { return false }
        if taken == chunk.count, !inflater.mayHoldOutput {
            putAway(checkpoint: checkpoint)
            chunk = try file.read(at: chunkStart, count: limits.readBytes)
            if chunk.isEmpty { return false }
        }
        let bytes = chunk
        do throws(InflateError) {
            let used = try inflater.inflate(
                bytes.span.extracting(taken...), into: &output, outputLimit: limits.outputBytes)
            taken += used
        } catch {
            // The good bytes before the fault are in `output`.
            fault = error
        }
        return true
    }

    /// Lets the buffer go and keeps the marks. `checkpoint`: the decoder's, in uncompressed bytes.
    mutating func rest(checkpoint: Int64, file: borrowing DropFile) {
        putAway(checkpoint: checkpoint)
        chunk = []
        guard inflater.isPlain == true, checkpoint > self.checkpoint else { return }
        // The checkpoint moved behind bytes that were put away before (a batch was full): they are read once more,
        // from the file that was found unchanged when it was opened. Without them, growth is read anew from 0.
        let count = min(Int(checkpoint), Self.tailBytes)
        // A read that fails here costs nothing but that.
        guard let bytes = try? file.read(at: checkpoint - Int64(count), count: count), bytes.count == count else {
            return
        }
        checkpointTail = bytes
        self.checkpoint = checkpoint
    }

    /// Compares a file that was opened again with the marks, and moves to where reading goes on.
    mutating func resume(_ file: borrowing DropFile, checkpoint: Int64) throws(TailError) -> Resumption {
        if try holds(file, until: position, tail) { return .goesOn }
        // A plain drop's uncompressed offsets are those of the file.
        guard inflater.isPlain == true, checkpoint > 0, self.checkpoint == checkpoint,
            try holds(file, until: checkpoint, checkpointTail)
        else { return .changed }
        chunkStart = checkpoint
        tail = checkpointTail
        head.removeLast(max(0, head.count - Int(checkpoint)))
        return .goesOnAtCheckpoint
    }

    private func holds(
        _ file: borrowing DropFile, until end: Int64, _ expected: [UInt8]
    ) throws(TailError) -> Bool {
        guard file.stamp.size >= end else { return false }
        let start = head.prefix(Int(min(end, Int64(head.count))))
        guard try file.read(at: 0, count: start.count).elementsEqual(start) else { return false }
        return try file.read(at: end - Int64(expected.count), count: expected.count) == expected
    }

    /// Turns the used bytes of the buffer into marks; the rest of it will be read again.
    private mutating func putAway(checkpoint: Int64) {
        let used = chunk[..<taken]
        if inflater.isPlain == true, checkpoint > self.checkpoint, checkpoint >= chunkStart {
            checkpointTail = Self.last(of: tail, used.prefix(Int(checkpoint - chunkStart)))
            self.checkpoint = checkpoint
        }
        if head.count < Self.headBytes, chunkStart == Int64(head.count) {
            head += used.prefix(Self.headBytes - head.count)
        }
        tail = Self.last(of: tail, used)
        chunkStart += Int64(taken)
        taken = 0
        chunk.removeAll(keepingCapacity: true)
    }

    private static func last(of before: [UInt8], _ used: ArraySlice<UInt8>) -> [UInt8] {
        if used.count >= tailBytes { return Array(used.suffix(tailBytes)) }
        return Array(before.suffix(tailBytes - used.count)) + used
    }
}
