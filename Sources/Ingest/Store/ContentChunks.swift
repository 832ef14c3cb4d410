/// The limits of a chunk, in bytes.
enum ChunkLimits {
    static let least = 16 << 10
    static let most = 256 << 10
    /// A boundary falls on one byte in so many past the least: about 64 KiB a chunk.
    static let mask: UInt64 = (1 << 16 - 1) << 40
}

/// Cuts a document where its content says so, by a rolling hash of the last 64 bytes (the "gear" of FastCDC, Xia et al.,
/// USENIX ATC 2016): where something is put in or taken out, only the chunks around it change, and all others stay equal
/// to those of the document before.
func contentChunks(of bytes: [UInt8]) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var start = 0
    while start < bytes.count {
        let end = boundary(in: bytes, from: start)
        chunks.append(start..<end)
        start = end
    }
    return chunks
}

private func boundary(in bytes: [UInt8], from start: Int) -> Int {
    let last = min(start + ChunkLimits.most, bytes.count)
    var index = min(start + ChunkLimits.least - 64, last)
    var hash: UInt64 = 0
    while index < last {
        hash = (hash << 1) &+ gear[Int(bytes[index])]  // Sums of a rolling hash are modulo 2^64.
        index += 1
        if index - start >= ChunkLimits.least, hash & ChunkLimits.mask == 0 { return index }
    }
    return last
}

/// A number for each byte: any fixed, evenly spread ones will do. Changing them makes all chunks new.
private let gear: [UInt64] = (0..<256).map { byte in
    var value = UInt64(byte) &+ 0x9e37_79b9_7f4a_7c15
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
}
