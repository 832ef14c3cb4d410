/// All detectors, one line each, in the order of precedence: who wins one cause stands first (see README.md).
package enum Catalogue {
    package static let detectors: [any Detector] = [
        InspectionBypassedDetector(),
        PrivateEndpointICMPUDPOnlyDetector(),
        AsymmetricSessionDetector(),
        InspectionBrokenDetector(),
        FirewallBottleneckDetector(),
    ]

    /// Ids of all detectors, sorted.
    package static var ids: [String] { detectors.map { type(of: $0).id }.sorted() }

    package static func detector(_ id: String) -> (any Detector)? { detectors.first { type(of: $0).id == id } }
}
