/// Bounds of one drop's decompression.
package struct InflateLimits: Sendable, Hashable {
    /// Uncompressed bytes that one compressed drop may hold. An hour of a busy firewall's log is far below it; what is
    /// above it is a bomb. Plain drops are not bounded: their size is on the disk already.
    package var outputBytes: Int64

    package init(outputBytes: Int64 = 1 << 36) { self.outputBytes = outputBytes }
}
