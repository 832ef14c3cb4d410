import Correlate
package import FlowModel

/// One minute boundary of event time: what is evaluated at it are the sightings before it.
package struct Tick: Sendable {
    /// Minutes since the epoch.
    package let number: Int64
    package let settings: DetectSettings

    package init(number: Int64, settings: DetectSettings) {
        self.number = number
        self.settings = settings
    }

    package var time: EventTime { minuteStart(number) }

    /// The minutes of a span of `seconds` that ends at this tick.
    func minutes(_ seconds: Int64) -> Range<Int64> { (number - seconds / 60)..<number }
    /// The pair window.
    var pairWindow: Range<Int64> { minutes(settings.correlate.pairWindowSeconds) }
    /// In which a source must have spoken for its silence to mean something.
    var recent: Range<Int64> { minutes(settings.correlate.latenessSeconds) }

}

extension Correlator {
    /// Whether a firewall's network-rule log speaks on both sides of a time, a lateness at most from it: one that spoke on
    /// one side only may have had a gap there, and shows nothing by showing nothing.
    func speaks(firewall: Int32, around time: EventTime, at tick: Tick) -> Bool {
        let minute = minuteNumber(time)
        let reach = tick.settings.correlate.latenessSeconds / 60
        return speaks(firewall: firewall, in: max(minute - reach, 0)..<(minute + 1))
            && speaks(firewall: firewall, in: minute..<max(minute, min(minute + reach + 1, tick.number)))
    }
}
