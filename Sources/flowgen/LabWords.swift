/// The names of one seed's lab.
struct LabWords {
    let region: String
    let team: String
    let mark: String
    let hubGroup: String
    let spokeGroup: String
    let hubVNet: String
    let spokeVNet: String
    let resolverSubnet: String
    let applicationSubnet: String
    let dataSubnet: String
    let applicationRoutes: String
    let gatewayRoutes: String
    let applicationGroup: String
    let resolverGroup: String
    let firewall: String
    let policy: String
    let firewallAddress: String
    let gateway: String
    let gatewayAddress: String
    let site: String
    let connection: String
    let application: String
    let backup: String
    let resolver: String
    let privateEndpoint: String
    let spokeFlowLog: String
    let hubFlowLog: String
    let logStorage: String
    let ruleGroup: String
    let networkCollection: String
    let applicationCollection: String

    init(random: inout SplitMix64) {
        region = random.pick(["westeurope", "northeurope", "germanywestcentral", "swedencentral", "uksouth", "eastus2"])
        team = random.pick(["harbor", "cedar", "lumen", "orchard", "quarry", "meadow", "falcon", "ember", "tundra"])
        mark = random.pick(["prod", "core", "live", "main", "p1"])
        let short = String(region.prefix(3))
        let tail = "\(team)-\(mark)"
        hubGroup = random.pick(["rg-hub-\(tail)", "rg-\(tail)-connectivity", "RG-Network-\(team)"])
        spokeGroup = random.pick(["rg-spoke-\(tail)", "rg-\(tail)-workload", "RG-\(team)-App"])
        hubVNet = random.pick(["vnet-hub-\(short)", "hub-\(tail)", "vnet-\(team)-hub-01"])
        spokeVNet = random.pick(["vnet-spoke-\(short)", "spoke-\(tail)", "vnet-\(team)-app-01"])
        resolverSubnet = random.pick(["snet-dns", "shared-services", "snet-resolver"])
        applicationSubnet = random.pick(["snet-app", "application", "snet-workload"])
        dataSubnet = random.pick(["snet-data", "endpoints", "snet-privatelink"])
        applicationRoutes = random.pick(["rt-app", "udr-\(team)-app", "rt-spoke-\(short)"])
        gatewayRoutes = random.pick(["rt-gateway", "udr-\(team)-gw", "rt-gw-\(short)"])
        applicationGroup = random.pick(["nsg-app", "nsg-\(team)-workload"])
        resolverGroup = random.pick(["nsg-dns", "nsg-\(team)-shared"])
        firewall = random.pick(["afw-hub-\(short)", "fw-\(tail)", "azfw-\(team)"])
        policy = random.pick(["afwp-\(tail)", "fwpolicy-\(team)"])
        firewallAddress = "pip-\(firewall)"
        gateway = random.pick(["vgw-hub-\(short)", "vpngw-\(tail)"])
        gatewayAddress = "pip-\(gateway)"
        site = random.pick(["hq", "dc-north", "plant-2", "campus"])
        connection = "cn-\(site)"
        let number = "0\(random.int(1...9))"
        application = random.pick(["vm-app-\(number)", "vm-web\(number)", "\(team)-app\(number)"])
        backup = random.pick(["vm-backup-\(number)", "vm-bkp\(number)", "\(team)-vault\(number)"])
        resolver = random.pick(["vm-dns-\(number)", "vm-resolver\(number)"])
        privateEndpoint = random.pick(["pe-blob-\(team)", "pep-\(team)-storage", "pe-st\(mark)"])
        spokeFlowLog = "\(spokeVNet)-\(spokeGroup)-flowlog"
        hubFlowLog = "\(resolverSubnet)-\(hubGroup)-flowlog"
        logStorage = "stlogs\(team)\(random.int(100...999))"
        ruleGroup = random.pick(["DefaultNetworkRuleCollectionGroup", "rcg-\(team)"])
        networkCollection = random.pick(["allow-network", "rc-net-\(mark)"])
        applicationCollection = random.pick(["allow-web", "rc-app-\(mark)"])
    }

    /// The name of a machine's NIC: a plain one, or one as the portal makes them.
    func nic(of machine: String, _ random: inout SplitMix64) -> String {
        random.chance(percent: 50) ? "nic-\(machine)" : "\(machine)\(random.int(100...999))"
    }
}
