import Decode
import Digest
import FlowModel
import Foundation
import Inflate
import Runtime

/// Reads one drop from a file, plain or gzip, once, to its end.
final class DecodeReader {
    /// The file cannot be opened or read.
    struct Unreadable: Error {
        var cause: String
    }

    private let path: String
    private var decoder: DropDecoder
    private var inflater = Inflater()
    private var known = RecordSet()
    private var file: FileHandle?
    private var input: [UInt8] = []
    private var consumed = 0
    private var output: [UInt8] = []
    private var isOpen = true
    private var fault: InflateError?

    /// Bytes read from the file at once, and unzipped at once.
    private static let pieceBytes = 1 << 18

    init(path: String) {
        self.path = path
        decoder = DropDecoder(
            file: path, now: EventTime(microseconds: SystemClock().microseconds), skipsRepeated: false)
    }

    /// Elements of the log seen so far.
    var records: Int64 { decoder.recordsRead }
    /// True where a record, whole or not, or a log's envelope was seen.
    var holdsLog: Bool { decoder.recordsRead > 0 || decoder.hasEnvelope }

    /// Decodes on into the batch, which the caller empties; false when the drop is done.
    func next(into batch: inout FlowBatch) throws -> Bool {
        while isOpen {
            guard decoder.decode(into: &batch, known: &known) == .needsInput else { return true }
            if let fault {
                bury("\(fault.cause); \(fault.hint)", at: fault.offset, into: &batch)
                isOpen = false
                break
            }
            do {
                guard try readPiece() else {
                    finish(into: &batch)
                    break
                }
            } catch let error as InflateError {
                // What came before the fault is good, and is decoded first.
                fault = error
            }
            decoder.append(output.span)
        }
        return false
    }

    /// The next uncompressed bytes, into `output`; false at the end of the file.
    private func readPiece() throws -> Bool {
        output.removeAll(keepingCapacity: true)
        while output.isEmpty {
            if consumed == input.count, !inflater.mayHoldOutput {
                input = try readFile()
                consumed = 0
                if input.isEmpty { return false }
            }
            let piece = input
            let rest = piece.span.extracting(consumed...)
            consumed += try inflater.inflate(rest, into: &output, outputLimit: Self.pieceBytes)
        }
        return true
    }

    private func readFile() throws -> [UInt8] {
        do {
            let file = try self.file ?? FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            self.file = file
            return [UInt8](try file.read(upToCount: Self.pieceBytes) ?? Data())
        } catch {
            throw Unreadable(cause: "cannot be read: \(error)")
        }
    }

    private func finish(into batch: inout FlowBatch) {
        isOpen = false
        if inflater.holdsFirstByte {
            let byte: [UInt8] = [0x1f]
            decoder.append(byte.span)
            _ = decoder.decode(into: &batch, known: &known)
        }
        let before = batch.deadLetters.count
        decoder.finish(into: &batch)
        let isShort = inflater.isPlain == false && !inflater.isBetweenMembers
        if isShort, batch.deadLetters.count == before {
            bury(
                "the compressed drop ends in the middle; deliver it again when it is whole", at: inflater.outputCount,
                into: &batch)
        }
    }

    private func bury(_ detail: String, at offset: Int64, into batch: inout FlowBatch) {
        let nothing: [UInt8] = []
        batch.deadLetters.append(
            DeadLetter(
                reason: .badGzip, file: path, record: nil, offset: offset, category: nil, detail: detail,
                input: nothing,
                hash: RecordHash(of: Array(path.utf8).span)))
    }
}
