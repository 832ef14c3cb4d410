internal import FlowModel

/// A class, as an estate has 100,000 of them and every check goes through all: a copy is one reference, not ten.
final class NetworkInterface: Sendable {
    let id: String
    let name: String
    /// In the order of the export, the primary one first.
    let addresses: [IPAddress]
    let subnet: String
    /// 48 bits; 0 where the export names none (a stopped VM, a private endpoint).
    let mac: UInt64
    let forwards: Bool
    let machine: String?
    let privateEndpoint: String?
    let securityGroup: String?
    /// Tag `disableSnatOnPL` = `true` [learn: private-link-disable-snat 2025-03].
    let returnsWithoutTranslation: Bool
    let hasPublicAddress: Bool
    /// Names of a private endpoint's service, which its NIC tells.
    let fqdns: [String]

    init(
        id: String, name: String, addresses: [IPAddress], subnet: String, mac: UInt64, forwards: Bool, machine: String?,
        privateEndpoint: String?, securityGroup: String?, returnsWithoutTranslation: Bool, hasPublicAddress: Bool,
        fqdns: [String]
    ) {
        self.id = id
        self.name = name
        self.addresses = addresses
        self.subnet = subnet
        self.mac = mac
        self.forwards = forwards
        self.machine = machine
        self.privateEndpoint = privateEndpoint
        self.securityGroup = securityGroup
        self.returnsWithoutTranslation = returnsWithoutTranslation
        self.hasPublicAddress = hasPublicAddress
        self.fqdns = fqdns
    }

    /// The same NIC, of which something else than its own resource says more.
    func with(forwards: Bool? = nil, returnsWithoutTranslation: Bool? = nil) -> NetworkInterface {
        NetworkInterface(
            id: id, name: name, addresses: addresses, subnet: subnet, mac: mac, forwards: forwards ?? self.forwards,
            machine: machine, privateEndpoint: privateEndpoint, securityGroup: securityGroup,
            returnsWithoutTranslation: returnsWithoutTranslation ?? self.returnsWithoutTranslation,
            hasPublicAddress: hasPublicAddress, fqdns: fqdns)
    }
}
