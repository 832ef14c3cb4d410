internal import FlowModel

/// Names that the overlay points at, and that are nowhere.
extension Consistency {
    /// Firewalls that the overlay names, and that the export does not hold.
    mutating func checkOverlay() {
        let devices = network.appliances.values
        let known = Set(devices.map(\.id) + devices.map { $0.name.lowercased() })
        for rule in network.overlay.inspect {
            for device in rule.by where !known.contains(device) {
                report(
                    rule.place, "by",
                    "names no firewall or appliance of the export: \(device); wanted is an id or a name")
            }
        }
        for firewall in network.overlay.firewalls where !known.contains(firewall.id) {
            report(
                firewall.place, "id",
                "names no firewall of the export: \(firewall.id); wanted is an id or a name. What it says of its capacity "
                    + "is not used")
        }
    }
}
