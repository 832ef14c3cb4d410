import Foundation

/// Lets drops grow: each step appends one gzip member to each drop that has something new, and never touches what
/// stands there already.
struct DropWriter {
    let schedule: LabSchedule
    let sources: [LabSource]
    /// The lab's folder; drops are put under `drops` in it.
    let folder: URL
    /// Paths of the drops, relative to `folder`.
    private(set) var drops: [String] = []
    private var opened: Set<String> = []
    /// The drop that each source writes now.
    private var current: [String?]

    init(schedule: LabSchedule, sources: [LabSource], folder: URL) {
        self.schedule = schedule
        self.sources = sources
        self.folder = folder
        current = Array(repeating: nil, count: sources.count)
    }

    /// How many steps there are: one for each minute, and those of the slowest source's delay.
    var steps: Int { schedule.minutes + 1 + (sources.map(\.delay).max() ?? 0) }

    /// Appends what arrives in minute `step`, in the order of `random`.
    mutating func grow(step: Int, _ random: inout SplitMix64) throws(LabError) {
        for place in random.shuffled(Array(sources.indices)) {
            let source = sources[place]
            let minute = step - source.delay
            guard source.records.indices.contains(minute), !source.records[minute].isEmpty else { continue }
            let hour = Clock.folder(schedule.start(ofMinute: source.isFiledByArrival ? step : minute))
            try write(source.records[minute], to: "drops/\(source.folder)/\(hour)/\(source.name)", of: place)
        }
    }

    /// Closes what is still open.
    mutating func finish() throws(LabError) {
        for place in sources.indices { try close(place) }
    }

    private mutating func write(_ records: [String], to drop: String, of place: Int) throws(LabError) {
        if current[place] != drop { try close(place) }
        current[place] = drop
        let isNew = opened.insert(drop).inserted
        if isNew { drops.append(drop) }
        let text =
            switch sources[place].wrapper {
            case .records: (isNew ? "{\"records\":[" : ",") + records.joined(separator: ",")
            case .lines: records.joined(separator: "\n") + "\n"
            }
        try append(text, to: drop)
    }

    private mutating func close(_ place: Int) throws(LabError) {
        guard let drop = current[place], sources[place].wrapper == .records else { return }
        current[place] = nil
        try append("]}", to: drop)
    }

    /// One write of one gzip member at the end of the file, so that a reader never sees a half of two writes mixed.
    private func append(_ text: String, to drop: String) throws(LabError) {
        let member = try Gzip.member(Array(text.utf8))
        let url = folder.appendingPathComponent(drop)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw LabError("cannot make the folder of \(url.path): \(error)")
        }
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LabError("cannot open \(url.path): \(String(cString: strerror(errno)))") }
        defer { _ = Foundation.close(descriptor) }
        var written = 0
        while written < member.count {
            let count = member[written...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw LabError("cannot write \(url.path): \(String(cString: strerror(errno)))") }
            written += count
        }
    }
}
