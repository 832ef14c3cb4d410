import Digest
import FlowModel
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4, example "abc".
    private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test func aDigestCanBeReadAndGoesOn() {
        var sha = SHA256()
        sha.update([UInt8(ascii: "a")].span)
        _ = sha.digest()
        sha.update([UInt8]("bc".utf8).span)
        #expect(hexadecimal(sha.digest()) == abc)
        #expect(hexadecimal(sha.digest()) == abc)
        sha.reset()
        sha.update([UInt8]("abc".utf8).span)
        #expect(hexadecimal(sha.digest()) == abc)
    }

    @Test func aRecordHashIsTheFirstHalf() {
        var hasher = RecordHasher()
        _ = hasher.hash([UInt8]("other".utf8).span)
        #expect(hasher.hash([UInt8]("abc".utf8).span).description == abc.prefix(32))
    }

    /// RFC 4231, test case 2.
    @Test func authenticatesAsTheStandardSays() {
        #expect(
            hexadecimal(hmacSHA256(key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }
}
