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

    /// The minutes around a time in which a firewall that shows nothing of a session must have spoken.
    func around(_ time: EventTime) -> Range<Int64> {
        let minute = minuteNumber(time)
        let reach = settings.correlate.latenessSeconds / 60
        return max(minute - reach, 0)..<(min(minute + reach + 1, number))
    }
}
