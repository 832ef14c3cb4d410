internal import FlowModel

struct NetworkInterface {
    var id: String
    var name: String
    /// In the order of the export, the primary one first.
    var addresses: [IPAddress]
    var subnet: String
    /// 48 bits; 0 where the export names none (a stopped VM, a private endpoint).
    var mac: UInt64
    var forwards: Bool
    var machine: String?
    var privateEndpoint: String?
    var securityGroup: String?
    /// Tag `disableSnatOnPL` = `true` [learn: private-link-disable-snat 2025-03].
    var returnsWithoutTranslation: Bool
    var hasPublicAddress = false
    /// Names of a private endpoint's service, which its NIC tells.
    var fqdns: [String] = []
}
