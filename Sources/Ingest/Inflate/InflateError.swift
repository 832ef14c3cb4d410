/// Why a compressed drop cannot be read further; what came before the fault was delivered.
package struct InflateError: Error, Hashable {
    package enum Code: String, Sendable, CaseIterable {
        /// What follows the magic bytes is no gzip header (RFC 1952, 2.3).
        case badHeader = "bad_header"
        /// The compressed data break DEFLATE's rules (RFC 1951).
        case badData = "bad_data"
        /// A member's CRC-32 or length does not fit its data (RFC 1952, 2.3.1).
        case badChecksum = "bad_checksum"
        /// After a whole member stands neither another member nor zero padding.
        case trailingGarbage = "trailing_garbage"
        /// The drop holds more than `InflateLimits.outputBytes` uncompressed bytes.
        case overLimit = "over_limit"
        /// zlib got no memory.
        case outOfMemory = "out_of_memory"
    }

    package var code: Code
    /// Uncompressed bytes that were delivered before the fault.
    package var offset: Int64
    /// Compressed bytes that zlib took before it met the fault: near it, exact to within its input buffer.
    package var inputOffset: Int64
    /// zlib's own words, where it has some.
    package var cause: String

    package init(code: Code, offset: Int64, inputOffset: Int64, cause: String) {
        self.code = code
        self.offset = offset
        self.inputOffset = inputOffset
        self.cause = cause
    }

    /// What an operator can do about it.
    package var hint: String {
        switch code {
        case .badHeader, .badData, .badChecksum:
            return "the file was damaged on its way, or written by two at once: copy it again"
        case .trailingGarbage:
            return "something that is no gzip was appended to the file: copy it again"
        case .overLimit:
            return "the file grows beyond every log's size when it is unpacked: look at where it comes from"
        case .outOfMemory:
            return "give the process more memory, or let it read fewer drops at once"
        }
    }
}

extension InflateError: CustomStringConvertible {
    package var description: String {
        "gzip \(code.rawValue) after \(offset) uncompressed bytes (near byte \(inputOffset) of the file): "
            + "\(cause); \(hint)"
    }
}
