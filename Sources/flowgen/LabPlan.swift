/// A machine with one NIC that a flow log covers.
struct Machine {
    let name: String
    let nic: String
    let address: Address
    /// Twelve hexadecimal digits, upper case, as the flow log writes it.
    let mac: String
    let nicID: String
    let machineID: String
    let subnetID: String
    /// The NSG of its subnet: the `aclID` of its tuples.
    let securityGroupID: String
}

/// A subnet of the lab.
struct Subnet {
    let name: String
    let prefix: Prefix
    let id: String
}

/// A firewall rule's full name, as the structured logs write its parts.
struct FirewallRule {
    let group: String
    let collection: String
    let name: String
}

/// All names, addresses and ids of one seed's network: what does not depend on how the lab is configured.
struct LabPlan {
    let words: LabWords
    let region: String
    let tenant: String
    let hub: Site
    let spoke: Site
    let firewallSubnet: Subnet
    let gatewaySubnet: Subnet
    let resolverSubnet: Subnet
    let applicationSubnet: Subnet
    let dataSubnet: Subnet
    let onPremises: Prefix
    /// On-premises hosts that open sessions.
    let clients: [Address]
    /// On-premises hosts that the backup is written to.
    let vaults: [Address]
    let firewall: Address
    /// The firewall's instances: what it translates to towards public addresses.
    let instances: [Address]
    let application: Machine
    let backup: Machine
    let resolver: Machine
    let privateEndpoint: Address
    let storageAccount: String
    /// TCP ports of the two acts that have one, by seed.
    let backupPort: Int
    let servicePorts: [Int]

    /// One VNet with its group and subscription.
    struct Site {
        let subscription: String
        let group: String
        let vnet: String
        let range: Prefix

        /// The id of a resource of this site, `kind` with its provider (`Microsoft.Network/routeTables`).
        func id(_ kind: String, _ name: String) -> String {
            "/subscriptions/\(subscription)/resourceGroups/\(group)/providers/\(kind)/\(name)"
        }

        var vnetID: String { id("Microsoft.Network/virtualNetworks", vnet) }
    }

    var machines: [Machine] { [application, backup, resolver] }

    var firewallID: String { hub.id("Microsoft.Network/azureFirewalls", words.firewall) }
    var gatewayID: String { hub.id("Microsoft.Network/virtualNetworkGateways", words.gateway) }
    var privateEndpointID: String { spoke.id("Microsoft.Network/privateEndpoints", words.privateEndpoint) }
    var storageID: String { spoke.id("Microsoft.Storage/storageAccounts", storageAccount) }
    var storageName: String { "\(storageAccount).blob.core.windows.net" }
    var watcherName: String { "NetworkWatcher_\(region)" }

    /// The id of the flow log called `name`; flow logs live in a group of the platform's own.
    func flowLogID(_ site: Site, _ name: String) -> String {
        "/subscriptions/\(site.subscription)/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network"
            + "/networkWatchers/\(watcherName)/flowLogs/\(name)"
    }

    var spokeFlowLogID: String { flowLogID(spoke, words.spokeFlowLog) }
    var hubFlowLogID: String { flowLogID(hub, words.hubFlowLog) }
}

extension LabPlan {
    /// The network of `seed`. No two ranges overlap, and each lies within RFC 1918.
    init(seed: UInt64) {
        var random = SplitMix64(seed: seed, part: "plan")
        let words = LabWords(random: &random)
        let ranges = LabPlan.ranges(&random)
        let hubSubscription = random.guid()
        let spokeSubscription = random.chance(percent: 50) ? hubSubscription : random.guid()
        let hub = Site(subscription: hubSubscription, group: words.hubGroup, vnet: words.hubVNet, range: ranges[0])
        let spoke = Site(
            subscription: spokeSubscription, group: words.spokeGroup, vnet: words.spokeVNet, range: ranges[1])
        let hubBlocks = LabPlan.distinct(3, &random)
        let spokeBlocks = LabPlan.distinct(2, &random)
        let onPremisesBlocks = LabPlan.distinct(4, &random)

        self.words = words
        self.hub = hub
        self.spoke = spoke
        region = words.region
        tenant = random.guid()
        firewallSubnet = LabPlan.subnet("AzureFirewallSubnet", in: hub, block: hubBlocks[0], length: 26, &random)
        gatewaySubnet = LabPlan.subnet("GatewaySubnet", in: hub, block: hubBlocks[1], length: 27, &random)
        resolverSubnet = LabPlan.subnet(
            words.resolverSubnet, in: hub, block: hubBlocks[2], length: random.pick([24, 25, 26]), &random)
        applicationSubnet = LabPlan.subnet(
            words.applicationSubnet, in: spoke, block: spokeBlocks[0], length: random.pick([24, 25, 26]), &random)
        dataSubnet = LabPlan.subnet(
            words.dataSubnet, in: spoke, block: spokeBlocks[1], length: random.pick([24, 25, 26, 27]), &random)
        onPremises = ranges[2]
        let clientBlocks = onPremisesBlocks.dropLast()
        clients = (0..<random.int(5...8)).map { index in
            let block = clientBlocks[index % clientBlocks.count]
            // Steps of 24 keep the hosts apart.
            return ranges[2].address(block * 256 + 10 + index * 24 + random.int(0...20))
        }
        vaults = (0..<2).map { ranges[2].address(onPremisesBlocks[3] * 256 + 20 + $0 * 100 + random.int(0...90)) }
        firewall = firewallSubnet.prefix.address(4)
        instances = [firewallSubnet.prefix.address(5), firewallSubnet.prefix.address(6)]

        let spokeHosts = LabPlan.hosts(2, of: applicationSubnet.prefix, &random)
        application = LabPlan.machine(
            words.application, at: spokeHosts[0], in: spoke, applicationSubnet, words.applicationGroup, words, &random)
        backup = LabPlan.machine(
            words.backup, at: spokeHosts[1], in: spoke, applicationSubnet, words.applicationGroup, words, &random)
        let resolverHost = LabPlan.hosts(1, of: resolverSubnet.prefix, &random)[0]
        resolver = LabPlan.machine(
            words.resolver, at: resolverHost, in: hub, resolverSubnet, words.resolverGroup, words, &random)
        privateEndpoint = LabPlan.hosts(1, of: dataSubnet.prefix, &random)[0]
        storageAccount = "st\(words.team)\(words.mark)\(random.int(100...999))"
        backupPort = random.pick([445, 873, 8443, 9102])
        servicePorts = random.shuffled([443, 22])
    }

    /// Three /16 of the private ranges: hub, spoke, on-premises.
    private static func ranges(_ random: inout SplitMix64) -> [Prefix] {
        var found: [Prefix] = []
        while found.count < 3 {
            let base =
                switch random.int(0...9) {
                case 0...5: Address(10, random.int(0...255), 0, 0)
                case 6...8: Address(172, random.int(16...31), 0, 0)
                default: Address(192, 168, 0, 0)
                }
            let range = Prefix(base: base, length: 16)
            if !found.contains(range) { found.append(range) }
        }
        return found
    }

    /// `count` third octets, all different.
    private static func distinct(_ count: Int, _ random: inout SplitMix64) -> [Int] {
        Array(random.shuffled(Array(0...255)).prefix(count))
    }

    /// `count` host addresses of `prefix`, all different; Azure keeps the first four and the last one.
    private static func hosts(_ count: Int, of prefix: Prefix, _ random: inout SplitMix64) -> [Address] {
        random.shuffled(Array(4...prefix.size - 2)).prefix(count).map { prefix.address($0) }
    }

    private static func subnet(
        _ name: String, in site: Site, block: Int, length: Int, _ random: inout SplitMix64
    ) -> Subnet {
        let size = 1 << (32 - length)
        let offset = block * 256 + random.int(0...(256 / size - 1)) * size
        return Subnet(
            name: name, prefix: Prefix(base: site.range.address(offset), length: length),
            id: "\(site.vnetID)/subnets/\(name)")
    }

    private static func machine(
        _ name: String, at address: Address, in site: Site, _ subnet: Subnet, _ securityGroup: String,
        _ words: LabWords, _ random: inout SplitMix64
    ) -> Machine {
        let nic = words.nic(of: name, &random)
        let vendor = random.pick(["000D3A", "002248", "6045BD", "7C1E52"])  // prefixes that Azure hands out
        return Machine(
            name: name, nic: nic, address: address, mac: vendor + hex(random.next() >> 40, digits: 6).uppercased(),
            nicID: site.id("Microsoft.Network/networkInterfaces", nic),
            machineID: site.id("Microsoft.Compute/virtualMachines", name), subnetID: subnet.id,
            securityGroupID: site.id("Microsoft.Network/networkSecurityGroups", securityGroup))
    }
}
