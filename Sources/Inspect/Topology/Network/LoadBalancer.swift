internal import FlowModel

/// An internal load balancer, or an Application Gateway.
struct LoadBalancer {
    var id: String
    var name: String
    var addresses: [IPAddress]
    var subnet: String
    /// Lower-cased ids of the NICs behind it.
    var interfaces: [String]
    /// Whether the export holds balancing rules, and whether one of them takes all ports.
    var hasRules = false
    var hasHAPorts = false
    /// One for each rule.
    var listeners: [Listener] = []
    /// An Application Gateway: it answers itself, and opens sessions of its own towards what stands behind it.
    var isProxy = false

    struct Listener {
        /// Of its frontend; nil where the rule names none: any.
        var address: IPAddress?
        /// Lower-cased; `all`.
        var ipProtocol: String
        /// 0 = all.
        var port: Int
        /// Where the machines get it; 0 = at the same port.
        var machinePort: Int
    }

    private func listens(_ listener: Listener, _ protocolName: String, _ address: IPAddress) -> Bool {
        (listener.ipProtocol == "all" || listener.ipProtocol == protocolName)
            && listener.address.map { $0 == address } ?? true
    }

    /// Whether a rule takes such a session; nil where the export holds no rule, or the port is not known.
    func takes(_ protocolName: String, port: Int?, at address: IPAddress) -> Bool? {
        guard hasRules else { return nil }
        let isListening = listeners.contains { listens($0, protocolName, address) }
        guard let port, isListening else { return isListening ? nil : false }
        return listeners.contains { listens($0, protocolName, address) && ($0.port == 0 || $0.port == port) }
    }

    /// The port at which the machines get it; nil where it is not known.
    func machinePort(_ protocolName: String, port: Int?, at address: IPAddress) -> Int? {
        guard let port else { return nil }
        let listener = listeners.first {
            listens($0, protocolName, address) && ($0.port == 0 || $0.port == port)
        }
        guard let listener, listener.port != 0, listener.machinePort != 0 else { return port }
        return listener.machinePort
    }
}
