internal import CLibCrypto
package import FlowModel

/// A SHA-256 over bytes that arrive in pieces, which can be read at any point and goes on afterwards.
///
/// Owns an OpenSSL context (EVP interface, `man EVP_DigestInit`); never copied, freed when it goes.
package struct SHA256: ~Copyable {
    private let context: OpaquePointer
    private let scratch: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), let scratch = EVP_MD_CTX_new(),
            EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { preconditionFailure("libcrypto gives no SHA-256") }
        self.context = context
        self.scratch = scratch
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_CTX_free(scratch)
    }

    package mutating func update(_ bytes: Span<UInt8>) { update(bytes.bytes) }

    package mutating func update(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { buffer in
            _ = EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
    }

    /// The digest of all bytes so far: 32 bytes. More bytes may follow.
    package func digest() -> [UInt8] {
        EVP_MD_CTX_copy_ex(scratch, context)
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            EVP_DigestFinal_ex(scratch, buffer.baseAddress, nil)
            count = 32
        }
    }

    /// Forgets all bytes so far.
    package mutating func reset() {
        // A context that was initialised keeps its algorithm: nil means "the same again", without a look-up.
        EVP_DigestInit_ex(context, nil, nil)
    }
}

/// Makes record hashes: one context for many records, because setting one up costs more than hashing a record.
package struct RecordHasher: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto gives no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// The first 128 bits of the SHA-256 over a record's raw bytes.
    package mutating func hash(_ record: Span<UInt8>) -> RecordHash {
        EVP_DigestInit_ex(context, nil, nil)
        record.withUnsafeBytes { buffer in
            _ = EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var words = digest.mutableSpan
        words.withUnsafeMutableBytes { buffer in
            _ = EVP_DigestFinal_ex(context, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        var upper: UInt64 = 0
        var lower: UInt64 = 0
        for index in 0..<8 {
            upper = upper << 8 | UInt64(digest[index])
            lower = lower << 8 | UInt64(digest[index + 8])
        }
        return RecordHash(upper: upper, lower: lower)
    }
}

extension RecordHash {
    /// The hash of bytes that are hashed once: dead letters, fingerprints.
    package init(of bytes: Span<UInt8>) {
        var hasher = RecordHasher()
        self = hasher.hash(bytes)
    }
}

/// HMAC-SHA256 (RFC 2104) of a message: 32 bytes.
package func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
        HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, buffer.baseAddress, nil)
        count = 32
    }
}

/// Lower-case hex digits of bytes.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 48 + digit : 87 + digit) }
    }
    return String(decoding: text, as: UTF8.self)
}
