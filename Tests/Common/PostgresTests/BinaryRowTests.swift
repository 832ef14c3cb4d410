import Postgres
import Testing

/// The bytes of binary COPY, without a server.
@Suite struct BinaryRowTests {
    /// PostgreSQL manual, COPY, "Binary Format": signature, flags, extension, field count, lengths, trailer.
    @Test func writesTheDocumentedBytes() {
        var encoder = BinaryRowEncoder()
        encoder.header()
        encoder.beginRow(fields: 3)
        encoder.int16(258)
        encoder.null()
        encoder.inet(ipv4: 0x0a00_0104)
        encoder.trailer()
        let expected: [UInt8] =
            [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00] + [0, 0, 0, 0] + [0, 0, 0, 0]
            + [0, 3] + [0, 0, 0, 2, 1, 2] + [0xff, 0xff, 0xff, 0xff] + [0, 0, 0, 8, 2, 32, 0, 4, 10, 0, 1, 4] + [
                0xff, 0xff,
            ]
        #expect(encoder.bytes == expected && encoder.count == expected.count)
        encoder.removeAll()
        #expect(encoder.bytes == [] && encoder.count == 0)
    }

    @Test(arguments: [
        (Int64(0), "fffca2fec4c82000"), (946_684_800_000_000, "0000000000000000"), (.max, "7ffca2fec4c81fff"),
        (.min, "8000000000000001"), (.min + 1, "8000000000000001"),
    ])
    func countsTimesFrom2000AndNeverMeansInfinity(time: Int64, hex: String) {
        var encoder = BinaryRowEncoder()
        encoder.timestamptz(unixMicroseconds: time)
        let digits = encoder.bytes.dropFirst(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        #expect(digits.joined() == hex)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 1000])
    func readsChunksCutAnywhere(chunkBytes: Int) throws {
        var encoder = BinaryRowEncoder(reserving: 1)
        encoder.header()
        for value in 0..<50 {
            encoder.beginRow(fields: 3)
            encoder.int32(Int32(value))
            encoder.text(String(repeating: "x", count: value))
            encoder.null()
        }
        encoder.trailer()
        let bytes = encoder.bytes
        var decoder = BinaryRowDecoder()
        var row = 0
        for start in stride(from: 0, to: bytes.count, by: chunkBytes) {
            decoder.append(bytes[start..<min(start + chunkBytes, bytes.count)].span)
            while let fields = try decoder.beginRow() {
                #expect(fields == 3)
                #expect(try decoder.int32() == Int32(row))
                var count = -1
                #expect(try decoder.withBytes { count = $0.count })
                #expect(count == row)
                try decoder.skip()
                row += 1
            }
        }
        #expect(row == 50 && decoder.isAtEnd)
    }

    @Test(arguments: [
        [UInt8](repeating: 0, count: 19),  // no signature
        header + [0, 1, 0xff, 0xff, 0xff, 0xfe],  // a length of -2
        header + [0, 1, 0, 0, 0, 3, 1, 2, 3],  // three bytes are no int32
        header + [0, 0],  // no field where one is read
    ])
    func refusesWhatIsNoBinaryCopy(bytes: [UInt8]) {
        var decoder = BinaryRowDecoder()
        decoder.append(bytes.span)
        let error = #expect(throws: PostgresError.self) {
            _ = try decoder.beginRow()
            _ = try decoder.int32()
        }
        #expect(error?.code == .copy)
    }

    private static let header: [UInt8] = [
        0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]
}
