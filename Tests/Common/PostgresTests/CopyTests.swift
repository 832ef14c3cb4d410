import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

private let soon = Duration.seconds(60)

@Suite(.enabled(if: testDatabaseIsConfigured)) struct CopyTests {
    @Test func everyTypeComesBackAsItWentIn() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            try connection.execute(
                """
                CREATE TABLE t (n int, a smallint, b int, c bigint, d float8, e bool, f text, g bytea, h uuid,
                    i timestamptz, j inet, k inet, l jsonb)
                """, deadline: .after(soon))
            var encoder = BinaryRowEncoder()
            encoder.header()
            encodeFullRow(&encoder)
            encoder.beginRow(fields: 13)
            encoder.int32(2)
            for _ in 0..<12 { encoder.null() }
            encoder.trailer()
            let writer = try connection.copyIn("COPY t FROM STDIN (FORMAT binary)", deadline: .after(soon))
            try writer.write(encoder)
            #expect(try writer.finish() == 2)

            let text = try connection.execute("SELECT * FROM t ORDER BY n", deadline: .after(soon))
            let expected: [String?] = [
                "1", "-32768", "2147483647", "-9223372036854775808", "0.1", "t", "ä\n", "\\x00ff",
                "00112233-4455-6677-8899-aabbccddeeff", "2022-09-14 09:00:03.599001+00", "10.2.1.4", "2001:db8::1",
                "{\"a\": [1, null]}",
            ]
            #expect((0..<13).map { text[0].string($0) } == expected)
            #expect((0..<13).map { text[1].isNull($0) } == [false] + Array(repeating: true, count: 12))

            var decoder = BinaryRowDecoder()
            try connection.copyOut(
                "COPY (SELECT * FROM t ORDER BY n) TO STDOUT (FORMAT binary)", deadline: .after(soon)
            ) { decoder.append($0) }
            #expect(try decoder.beginRow() == 13)
            try expectFullRow(&decoder)
            #expect(try decoder.beginRow() == 13)
            #expect(try decoder.int32() == 2)
            try expectNullRow(&decoder)
            #expect(try decoder.beginRow() == nil && decoder.isAtEnd)
        }
    }

    private func encodeFullRow(_ encoder: inout BinaryRowEncoder) {
        encoder.beginRow(fields: 13)
        encoder.int32(1)
        encoder.int16(.min)
        encoder.int32(.max)
        encoder.int64(.min)
        encoder.double(0.1)
        encoder.bool(true)
        encoder.text("ä\n")
        encoder.bytes([0, 255] as [UInt8])
        encoder.uuid(0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff)
        encoder.timestamptz(unixMicroseconds: 1_663_146_003_599_001)
        encoder.inet(ipv4: 0x0a02_0104)
        encoder.inet(ipv6Upper: 0x2001_0db8_0000_0000, lower: 1)
        encoder.jsonb("{\"a\":[1,null]}".utf8)
    }

    private func expectFullRow(_ decoder: inout BinaryRowDecoder) throws {
        #expect(try decoder.int32() == 1)
        #expect(try decoder.int16() == .min)
        #expect(try decoder.int32() == .max)
        #expect(try decoder.int64() == .min)
        #expect(try decoder.double() == 0.1)
        #expect(try decoder.bool() == true)
        #expect(try decoder.text() == "ä\n")
        #expect(try decoder.bytes() == [0, 255])
        #expect(try decoder.uuid().map { [$0.upper, $0.lower] } == [0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff])
        #expect(try decoder.timestamptz() == 1_663_146_003_599_001)
        #expect(try decoder.inet().map { [$0.upper, $0.lower] } == [0, 0xffff_0a02_0104])
        #expect(try decoder.inet().map { [$0.upper, $0.lower] } == [0x2001_0db8_0000_0000, 1])
        #expect(try decoder.jsonb().map { String(decoding: $0, as: UTF8.self) } == "{\"a\": [1, null]}")
    }

    private func expectNullRow(_ decoder: inout BinaryRowDecoder) throws {
        #expect(try decoder.int16() == nil)
        #expect(try decoder.int32() == nil)
        #expect(try decoder.int64() == nil)
        #expect(try decoder.double() == nil)
        #expect(try decoder.bool() == nil)
        #expect(try decoder.text() == nil)
        #expect(try decoder.bytes() == nil)
        #expect(try decoder.uuid() == nil)
        #expect(try decoder.timestamptz() == nil)
        #expect(try decoder.inet() == nil)
        #expect(try !decoder.withBytes { _ in })
        #expect(try decoder.jsonb() == nil)
    }

    @Test func aCopyLargerThanEveryBufferArrivesWhole() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            try connection.execute("CREATE TABLE t (a bigint)", deadline: .after(soon))
            var encoder = BinaryRowEncoder()
            encoder.header()
            for value in 0..<300_000 {
                encoder.beginRow(fields: 1)
                encoder.int64(Int64(value))
            }
            encoder.trailer()
            let writer = try connection.copyIn("COPY t FROM STDIN (FORMAT binary)", deadline: .after(soon))
            try writer.write(encoder.bytes)
            #expect(try writer.finish() == 300_000)
            var decoder = BinaryRowDecoder()
            var sum: Int64 = 0
            try connection.copyOut("COPY t TO STDOUT (FORMAT binary)", deadline: .after(soon)) {
                chunk throws(PostgresError) in
                decoder.append(chunk)
                while try decoder.beginRow() != nil { sum += try decoder.int64() ?? 0 }
            }
            #expect(sum == 300_000 * 299_999 / 2 && decoder.isAtEnd)
        }
    }

    @Test func anAbortedCopyLeavesNothingAndAUsableConnection() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            try connection.execute("CREATE TABLE t (a text)", deadline: .after(soon))
            do {
                let writer = try connection.copyIn("COPY t FROM STDIN", deadline: .after(soon))
                try writer.write(Array("one\ntwo\n".utf8))
            }
            #expect(connection.isUsable)
            #expect(try connection.execute("SELECT 1 FROM t", deadline: .after(soon)).count == 0)
            let writer = try connection.copyIn("COPY t FROM STDIN", deadline: .after(soon))
            try writer.write(Array("one\n".utf8))
            #expect(try writer.finish() == 1)
        }
    }

    @Test func aRowThatTheServerRefusesFailsTheCopyWithItsPlace() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            try connection.execute("CREATE TABLE t (a int)", deadline: .after(soon))
            let writer = try connection.copyIn("COPY t FROM STDIN", deadline: .after(soon))
            try writer.write(Array("1\nx\n".utf8))
            var failure: PostgresError?
            do throws(PostgresError) { _ = try writer.finish() } catch { failure = error }
            #expect(failure?.code == .copy && failure?.sqlState == "22P02" && failure?.isTransient == false)
            #expect(failure?.message.contains("COPY t, line 2") == true)
            #expect(try connection.execute("SELECT 1 FROM t", deadline: .after(soon)).count == 0)
        }
    }

    @Test(arguments: ["COPY nowhere FROM STDIN", "SELECT 1", "COPY (SELECT 1) TO STDOUT"])
    func whatIsNoCopyInIsRefused(sql: String) throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            var failure: PostgresError?
            do throws(PostgresError) { _ = try connection.copyIn(sql, deadline: .after(soon)) } catch {
                failure = error
            }
            #expect(failure?.code == .copy)
        }
    }

    @Test func anErrorOfTheReaderEndsTheCopyOutAndTheConnection() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let error = #expect(throws: PostgresError.self) {
                try connection.copyOut(
                    "COPY (SELECT generate_series(1, 1000000)) TO STDOUT", deadline: .after(soon)
                ) { _ throws(PostgresError) in throw PostgresError(code: .copy, message: "enough") }
            }
            #expect(error?.message == "enough" && !connection.isUsable)
        }
    }
}
