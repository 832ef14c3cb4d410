/// What one source has to say: its records by the minute in which they arrive, and where they are put.
struct LabSource {
    enum Wrapper {
        /// `{"records":[ … ]}`, grown by blocks: what flow logs are.
        case records
        /// One record a line: what diagnostic settings write.
        case lines
    }

    let wrapper: Wrapper
    /// Flow logs are filed by their records' own hour, diagnostic settings file by the hour of arrival.
    let isFiledByArrival: Bool
    /// The folder above `y=…`, and what stands below `m=00`.
    let folder: String
    let name: String
    /// How many minutes after the end of an event minute its records arrive.
    let delay: Int
    /// Records by event minute.
    let records: [[String]]
}

/// Puts the rows into drops as Azure's exporters do.
extension Lab {
    /// All sources, each with a delay of its own: at most four minutes, far below the lateness of 15.
    func sources(flowLogWrapper: LabSource.Wrapper) -> [LabSource] {
        var random = random("sources")
        var sources: [LabSource] = []
        for (place, machine) in plan.machines.enumerated() {
            let isHub = machine.mac == plan.resolver.mac
            let site = isHub ? plan.hub : plan.spoke
            let flowLog = isHub ? plan.words.hubFlowLog : plan.words.spokeFlowLog
            let folder =
                "insights-logs-flowlogflowevent/flowLogResourceID=/"
                + "\(site.subscription)_NETWORKWATCHERRG/\(plan.watcherName)_\(flowLog)".uppercased()
            sources.append(
                LabSource(
                    wrapper: flowLogWrapper, isFiledByArrival: false, folder: folder,
                    name: "macAddress=\(machine.mac)/PT1H.json.gz",
                    delay: random.int(1...3), records: flowLogRecords(of: place)))
        }
        for category in FirewallCategory.allCases {
            let rows = category == .metrics ? metricRows() : firewallRows[category] ?? []
            sources.append(
                LabSource(
                    wrapper: .lines, isFiledByArrival: true,
                    folder: "\(category.container)/resourceId=\(plan.firewallID.uppercased())",
                    name: "PT1H.json.gz", delay: random.int(1...4), records: byMinute(rows, &random)))
        }
        return sources
    }

    /// Lines by the minute in which they are written: some come up to 25 s late, so rows run backwards in time.
    private func byMinute(_ rows: [LogRow], _ random: inout SplitMix64) -> [[String]] {
        let keyed = rows.enumerated().map { index, row in
            (key: row.time + (random.chance(percent: 15) ? random.milliseconds(0...25_000) : 0), index: index)
        }
        var minutes = Array(repeating: [String](), count: schedule.minutes + 1)
        for entry in keyed.sorted(by: { ($0.key, $0.index) < ($1.key, $1.index) }) {
            minutes[schedule.minute(of: entry.key)].append(rows[entry.index].text)
        }
        return minutes
    }

    /// What the sources hold together, without the drops' names.
    func contents() -> LabContents {
        var contents = LabContents()
        for (place, minutes) in tuples.enumerated() where place < plan.machines.count {
            contents.records += minutes.count { !$0.isEmpty }
            contents.flowsByFormat["vnet-v4", default: 0] += minutes.reduce(0) { $0 + $1.count }
        }
        for (category, rows) in firewallRows {
            contents.records += rows.count
            if let format = category.format { contents.flowsByFormat[format] = rows.count }
        }
        contents.metrics = metricRows().count
        contents.records += contents.metrics
        return contents
    }
}
