internal import CZlib

/// Reads a drop's bytes as they are or unzipped, whichever its first two bytes ask for, piece by piece.
///
/// A gzip drop (magic 1f 8b, RFC 1952) may hold several members, with zero padding after any of them. Its state
/// survives between calls, so a member may still be growing: what can be unpacked comes out, the rest waits for more
/// input, and nothing of that is an error. Everything else is plain and passes through.
///
/// Memory: nothing but itself while plain, about 40 KiB of zlib's once gzip (zlib's zconf.h), 64 KiB more in a call.
package struct Inflater: ~Copyable {
    /// Each case lists what may follow it.
    private enum State {
        /// Before the second byte; `held`: the first was 1f. → plain, member
        case undecided(held: Bool)
        /// No end but the drop's.
        case plain
        /// Inside a gzip member. → between, failed
        case member
        /// After a whole member; `held`: a 1f came. → member, failed
        case between(held: Bool)
        /// For good: each further call throws the same.
        case failed(InflateError)
    }

    private let limits: InflateLimits
    private var state = State.undecided(held: false)
    // A z_stream must not move between calls (zlib keeps a pointer to it): it lives on the heap, made at need.
    private var stream: UnsafeMutablePointer<z_stream>?

    /// Uncompressed bytes delivered so far.
    package private(set) var outputCount: Int64 = 0
    /// Input bytes consumed so far.
    package private(set) var inputCount: Int64 = 0
    /// True when the last call stopped because its output was full: more may come out without any further input.
    package private(set) var mayHoldOutput = false

    package init(limits: InflateLimits = InflateLimits()) { self.limits = limits }

    deinit {
        guard let stream else { return }
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Nil until the second byte has decided (or the first, if it is not 1f).
    package var isPlain: Bool? {
        switch state {
        case .undecided: return nil
        case .plain: return true
        case .member, .between, .failed: return false
        }
    }

    /// True where a gzip drop may end: a member is whole and nothing of another one has come.
    package var isBetweenMembers: Bool {
        if case .between(held: false) = state { return true }
        return false
    }

    /// True when a first byte 1f waits for its second.
    package var holdsFirstByte: Bool {
        if case .undecided(held: true) = state { return true }
        return false
    }

    /// Appends at most `outputLimit` bytes to `output`; returns how many bytes of `input` were consumed.
    ///
    /// What was not consumed is to be passed again; call again, if need be with empty input, while `mayHoldOutput`.
    /// An error is thrown after the good bytes before it were appended, and by each further call.
    package mutating func inflate(
        _ input: Span<UInt8>, into output: inout [UInt8], outputLimit: Int
    ) throws(InflateError) -> Int {
        precondition(outputLimit > 0, "an output limit of nothing makes no progress")
        mayHoldOutput = false
        let end = output.count + outputLimit
        var consumed = 0
        while output.count < end {
            switch state {
            case .failed(let error):
                throw error
            case .plain:
                return consumed + copy(input.extracting(consumed...), into: &output, limit: end - output.count)
            case .undecided(let held):
                guard consumed < input.count else { return consumed }
                consumed += try decide(input[consumed], held: held, into: &output)
            case .between(let held):
                guard consumed < input.count else { return consumed }
                try passBetween(input[consumed], held: held)
                consumed += 1
            case .member:
                consumed += try unzip(input.extracting(consumed...), into: &output, limit: end - output.count)
                if case .member = state, consumed == input.count, !mayHoldOutput { return consumed }
            }
        }
        return consumed
    }

    // MARK: Magic bytes, plain bytes

    /// Takes a byte if it belongs to a magic number; a byte that decides for plain stays for the plain copy.
    private mutating func decide(_ byte: UInt8, held: Bool, into output: inout [UInt8]) throws(InflateError) -> Int {
        switch (held, byte) {
        case (false, 0x1f):
            state = .undecided(held: true)
        case (true, 0x8b):
            try startMember()
        case (true, _):
            output.append(0x1f)
            outputCount += 1
            state = .plain
            return 0
        case (false, _):
            state = .plain
            return 0
        }
        inputCount += 1
        return 1
    }

    private mutating func copy(_ input: Span<UInt8>, into output: inout [UInt8], limit: Int) -> Int {
        let count = min(input.count, limit)
        input.extracting(first: count).withUnsafeBufferPointer { output.append(contentsOf: $0) }
        outputCount += Int64(count)
        inputCount += Int64(count)
        return count
    }

    /// After a member: zero padding (gzip's own tool lets it pass, too), or the magic of the next one.
    private mutating func passBetween(_ byte: UInt8, held: Bool) throws(InflateError) {
        switch (held, byte) {
        case (false, 0):
            break
        case (false, 0x1f):
            state = .between(held: true)
        case (true, 0x8b):
            try startMember()
        default:
            throw fail(.trailingGarbage, "neither another member nor zero padding follows a member")
        }
        inputCount += 1
    }

    // MARK: zlib

    private mutating func startMember() throws(InflateError) {
        if let stream {
            guard inflateReset(stream) == Z_OK else { throw fail(.outOfMemory, "zlib gave its state up") }
        } else {
            let fresh = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            fresh.initialize(to: z_stream())
            // 16 more than the window's 15 bits: gzip wrapper only, its checksum verified (zlib.h, inflateInit2).
            let result = inflateInit2_(fresh, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            guard result == Z_OK else {
                fresh.deallocate()
                throw fail(.outOfMemory, "zlib could not start (\(result))")
            }
            stream = fresh
        }
        state = .member
        // The two magic bytes were taken already, perhaps by an earlier call: zlib gets them from here.
        let magic: InlineArray<2, UInt8> = [0x1f, 0x8b]
        var nothing: UInt8 = 0
        let step = withUnsafeMutablePointer(to: &nothing) { callZlib(magic.span, into: $0, room: 0) }
        guard step.result == Z_OK else { throw fail(.badHeader, words()) }
    }

    private mutating func unzip(
        _ input: Span<UInt8>, into output: inout [UInt8], limit: Int
    ) throws(InflateError) -> Int {
        // One byte above the limit of the drop, so that a drop of exactly the limit passes.
        let left = limits.outputBytes - outputCount
        let room = Int(min(Int64(min(limit, Inflater.stepBytes)), left + 1))
        let step = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { scratch in
            // A temporary allocation of at least one byte has an address.
            let step = callZlib(input, into: scratch.baseAddress!, room: room)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: scratch[..<min(step.made, Int(left))]))
            return step
        }
        outputCount += min(Int64(step.made), left)
        inputCount += Int64(step.taken)
        mayHoldOutput = step.made == room
        guard Int64(step.made) <= left else {
            throw fail(.overLimit, "more than \(limits.outputBytes) bytes come out of it")
        }
        try judge(step.result)
        return step.taken
    }

    /// Output of one call of zlib: small enough for the cache, large enough to make the call's cost vanish.
    private static let stepBytes = 65_536

    private struct Step {
        var taken: Int
        var made: Int
        var result: Int32
    }

    /// One call of zlib; `output` has room for `room` bytes.
    private func callZlib(_ input: Span<UInt8>, into output: UnsafeMutablePointer<UInt8>, room: Int) -> Step {
        guard let stream else { preconditionFailure("a member without a zlib state") }
        return input.withUnsafeBufferPointer { bytes in
            // zlib counts in 32 bits: what does not fit stays for the next call.
            let count = min(bytes.count, Int(UInt32.max))
            // zlib does not write to its input; its header lacks the const (ZLIB_CONST).
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
            stream.pointee.avail_in = UInt32(count)
            stream.pointee.next_out = output
            stream.pointee.avail_out = UInt32(room)
            let result = CZlib.inflate(stream, Z_NO_FLUSH)
            let step = Step(
                taken: count - Int(stream.pointee.avail_in), made: room - Int(stream.pointee.avail_out), result: result)
            // The pointers end with this call.
            stream.pointee.next_in = nil
            stream.pointee.avail_in = 0
            stream.pointee.next_out = nil
            return step
        }
    }

    private mutating func judge(_ result: Int32) throws(InflateError) {
        switch result {
        case Z_OK, Z_BUF_ERROR:
            // Z_BUF_ERROR: no progress was possible, which more input or room mends.
            break
        case Z_STREAM_END:
            state = .between(held: false)
            mayHoldOutput = false
        case Z_DATA_ERROR:
            throw fail(code(of: words()), words())
        case Z_MEM_ERROR:
            throw fail(.outOfMemory, "zlib got no memory")
        default:
            // Z_NEED_DICT cannot come from a gzip member; Z_STREAM_ERROR would be a broken state.
            throw fail(.badData, "zlib stopped with \(result)")
        }
    }

    /// zlib tells its faults apart by words alone (inflate.c).
    private func code(of words: String) -> InflateError.Code {
        switch words {
        case "incorrect data check", "incorrect length check": return .badChecksum
        case "incorrect header check", "unknown compression method", "unknown header flags set",
            "header crc mismatch", "invalid window size":
            return .badHeader
        default: return .badData
        }
    }

    private func words() -> String {
        guard let message = stream?.pointee.msg else { return "no reason given" }
        return String(cString: message)
    }

    private mutating func fail(_ code: InflateError.Code, _ cause: String) -> InflateError {
        let error = InflateError(code: code, offset: outputCount, inputOffset: inputCount, cause: cause)
        state = .failed(error)
        mayHoldOutput = false
        return error
    }
}
