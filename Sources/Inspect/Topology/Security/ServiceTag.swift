internal import FlowModel

/// A word in a rule that stands for addresses [learn: service-tags-overview].
enum ServiceTag: Hashable {
    case virtualNetwork, internet, azureLoadBalancer
    /// The host's own services at an address of their own: DNS, instance metadata.
    case platform(IPAddress)
    /// `Storage`, `Sql.WestEurope`, …: public addresses, in no export.
    case service(String)

    /// Reads the word without case; the classic spellings, too.
    init(_ text: String) {
        switch text.lowercased() {
        case "virtualnetwork", "virtual_network": self = .virtualNetwork
        case "internet": self = .internet
        case "azureloadbalancer", "azure_loadbalancer": self = .azureLoadBalancer
        case "azureplatformdns": self = .platform(ServiceTag.host)
        case "azureplatformimds": self = .platform(ServiceTag.metadata)
        default: self = .service(text)
        }
    }

    /// The virtual address of the host: DNS, DHCP, health probes [learn: what-is-ip-address-168-63-129-16].
    static let host = IPAddress(ipv4: 0xa83f_8110)
    /// Instance metadata, 169.254.169.254.
    static let metadata = IPAddress(ipv4: 0xa9fe_a9fe)

    var name: String {
        switch self {
        case .virtualNetwork: return "VirtualNetwork"
        case .internet: return "Internet"
        case .azureLoadBalancer: return "AzureLoadBalancer"
        case .platform(let address): return address == ServiceTag.host ? "AzurePlatformDNS" : "AzurePlatformIMDS"
        case .service(let text): return text
        }
    }
}
