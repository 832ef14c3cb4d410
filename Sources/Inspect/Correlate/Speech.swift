import FlowModel

/// Who has spoken: without a row of a log, its silence about something else means nothing.
extension Correlator {
    /// Whether the firewall's network-rule log holds a row in these minutes.
    package func speaks(firewall: Int32, in numbers: Range<Int64>) -> Bool {
        numbers.contains { minute($0)?.speakingFirewalls.contains(firewall) == true }
    }

    /// Whether some flow log holds a row of this observer in these minutes.
    package func speaks(observer: Int32, in numbers: Range<Int64>) -> Bool {
        observer >= 0 && numbers.contains { minute($0)?.covered[observer] != nil }
    }

    /// Whether the flow log of this name holds a row in these minutes.
    package func speaks(log: String, in numbers: Range<Int64>) -> Bool {
        guard let number = register.names.number(of: log) else { return false }
        return numbers.contains { minute($0)?.logs.contains(number) == true }
    }
}
