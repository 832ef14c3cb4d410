/// When what happens, in whole minutes from the start of the lab.
struct LabSchedule {
    /// The lab's first moment, in microseconds; a whole minute, seldom a whole hour.
    let base: Int64
    let minutes: Int
    let bypass: Range<Int>
    let asymmetry: Range<Int>
    let bottleneck: Range<Int>

    var end: Int64 { start(ofMinute: minutes) }

    /// The moment at which minute `minute` begins.
    func start(ofMinute minute: Int) -> Int64 { base + Int64(minute) * Clock.minute }

    /// The minute that holds `time`.
    func minute(of time: Int64) -> Int { Int((time - base) / Clock.minute) }

    /// A seed's times. After the last act healthy traffic goes on for longer than the 30 minutes of event time that
    /// every watermark needs to pass it.
    init(seed: UInt64, isSmall: Bool) {
        var random = SplitMix64(seed: seed, part: "schedule")
        let day = Int64(random.int(0...240))
        base = Clock.earliest + day * Clock.day + Int64(random.int(0...1_439)) * Clock.minute
        let lead = isSmall ? random.int(10...12) : random.int(30...31)
        let bypassLength = isSmall ? random.int(10...12) : random.int(16...20)
        let asymmetryLength = isSmall ? random.int(10...12) : random.int(20...24)
        bypass = lead..<lead + bypassLength
        let second = bypass.upperBound + random.int(0...1)
        asymmetry = second..<second + asymmetryLength
        let third = asymmetry.upperBound + random.int(1...2)
        bottleneck = third..<third + 30
        minutes = bottleneck.upperBound + (isSmall ? random.int(33...35) : random.int(40...44))
    }
}

/// How much of everything.
struct LabScale {
    let webPerMinute: Int
    let lookupsPerMinute: Int
    let probesPerMinute: Int
    let scanRounds: Int
    let blobReads: Int
    let clientSessions: Int

    init(isSmall: Bool) {
        webPerMinute = isSmall ? 3 : 44
        lookupsPerMinute = isSmall ? 1 : 18
        probesPerMinute = isSmall ? 1 : 4
        scanRounds = isSmall ? 2 : 4
        blobReads = isSmall ? 7 : 24
        clientSessions = isSmall ? 7 : 16
    }
}
