internal import Decode
internal import Digest
internal import FlowModel
internal import Inflate

/// The end of the input, for now or for good, and the dead letters that belong to no record.
extension DropReader {
    /// What the end means in this phase; nil: go on.
    func end(
        _ file: borrowing DropFile, into batch: inout FlowBatch, since mark: Mark, _ store: any LineageStore
    ) throws(TailError) -> Pause? {
        if let fault = input.fault, fault.code == .outOfMemory {
            throw TailError(code: .outOfMemory, path: path, cause: fault.cause)
        }
        switch phase {
        case .identifying:
            giveOutDeadLetters(into: &batch)
            if input.fault == nil, let firstByte, !Self.openers.contains(firstByte) {
                // No JSON log begins like this, and no further bytes will mend it: said now, and once.
                decoder.finish(into: &scratch)
                giveOutDeadLetters(into: &batch)
                phase = .ended(file.stamp)
            }
            endWithFault(file, into: &batch)
            return .unidentified
        case .searching(var search):
            guard try isRepeated(search, store) else {
                try readWithAllKnown(search, store)
                return nil
            }
            search.recordsCompared = decoder.checkpoint.records
            phase = .searching(search)
            batch.repeatedRecords += max(0, hashedRecords - countedRecords)
            countedRecords = hashedRecords
            endWithFault(file, into: &batch)
            return .caughtUp
        case .confirming:
            // The file became shorter between two passes.
            startOver()
            return .turn
        case .reading:
            endWithFault(file, into: &batch)
            return .caughtUp
        case .ended:
            return head == nil ? .unidentified : .caughtUp
        }
    }

    /// First bytes of all logs and of their fragments; a byte-order mark stands before some.
    private static let openers = Array("{[,]}".utf8) + [0xef]

    func noteFirstByte() {
        guard firstByte == nil else { return }
        // Zeros may be room that was set aside and is still to be filled.
        firstByte = output.first { ![0, 9, 10, 13, 32].contains($0) }
    }

    func endWithFault(_ file: borrowing DropFile, into batch: inout FlowBatch) {
        guard let fault = input.fault else { return }
        let letter = gzipLetter(
            fault.code == .overLimit ? .overLimit : .badGzip, at: fault.offset, "\(fault.cause); \(fault.hint)")
        if givenOut.insert(GivenOut(letter)).inserted { batch.deadLetters.append(letter) }
        phase = .ended(file.stamp)
    }

    func shortGzip() -> DeadLetter {
        gzipLetter(
            .badGzip, at: decoder.checkpoint.offset,
            "the gzip stream ends inside a member; the file was copied before it was whole: copy it again")
    }

    /// Compressed bytes tell nobody anything: the file's first ones stand for them, and the place.
    func gzipLetter(_ reason: DeadLetterReason, at offset: Int64, _ detail: String) -> DeadLetter {
        let identity = input.head + "\(reason.rawValue) \(offset)".utf8
        return DeadLetter(
            reason: reason, file: path, record: nil, offset: offset, category: nil, detail: detail,
            input: input.head, hash: RecordHash(of: identity.span))
    }

    // MARK: Dead letters before the head

    struct GivenOut: Hashable {
        var reason: DeadLetterReason
        var offset: Int64

        init(_ letter: DeadLetter) {
            reason = letter.reason
            offset = letter.offset
        }
    }

    /// Moves dead letters that no head precedes to the batch: they cannot wait for a record that may never come.
    func giveOutDeadLetters(into batch: inout FlowBatch) {
        for letter in scratch.deadLetters where !givenOut.contains(GivenOut(letter)) {
            if givenOut.count < Self.givenOutLimit { givenOut.insert(GivenOut(letter)) }
            batch.deadLetters.append(letter)
        }
        scratch.removeAll()
    }

    func dropGivenOut(from batch: inout FlowBatch, since mark: Mark) {
        guard !givenOut.isEmpty, batch.deadLetters.count > mark.deadLetters else { return }
        let fresh = batch.deadLetters[mark.deadLetters...].filter { !givenOut.contains(GivenOut($0)) }
        batch.deadLetters.replaceSubrange(mark.deadLetters..., with: fresh)
    }
}
