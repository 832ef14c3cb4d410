import FlowModel
import Testing
import Topology

/// An Azure Firewall with the rules under test, as Azure Resource Manager answers them.
struct FirewallLab {
    /// Inside the firewall's properties: a policy's reference, classic rules.
    var firewall = FirewallLab.reference("firewallPolicy", "firewallPolicies", "p")
    var resources: [String] = []

    /// With policy `p` and its rule collection group `g` of these collections.
    init(collections: [String], policy: String = "", others: [String] = []) {
        resources =
            [
                FirewallLab.policy("p", groups: ["g"], policy), FirewallLab.group("p", "g", 200, collections),
            ] + others
    }

    init(firewall: String, resources: [String] = []) {
        self.firewall = firewall
        self.resources = resources
    }

    // MARK: JSON

    static func reference(_ key: String, _ kind: String, _ name: String) -> String {
        "\"\(key)\":{\"id\":\"\(TestNetwork.network(kind, name).uppercased())\"}"
    }

    static func resource(_ kind: String, _ name: String, _ properties: String) -> String {
        "{\"id\":\"\(TestNetwork.network(kind, name))\",\"name\":\"\(name.split(separator: "/").last ?? "")\",\"properties\":{\(properties)}}"
    }

    /// `groups` nil leaves out what names them.
    static func policy(_ name: String, base: String? = nil, groups: [String]?, _ more: String = "") -> String {
        var parts = base.map { [reference("basePolicy", "firewallPolicies", $0)] } ?? []
        if let groups {
            let ids = groups.map {
                "{\"id\":\"\(TestNetwork.network("firewallPolicies", name))/ruleCollectionGroups/\($0)\"}"
            }
            parts.append("\"ruleCollectionGroups\":[\(ids.joined(separator: ","))]")
        }
        return resource("firewallPolicies", name, (parts + (more.isEmpty ? [] : [more])).joined(separator: ","))
    }

    static func group(_ policy: String, _ name: String, _ priority: Int, _ collections: [String]) -> String {
        resource(
            "firewallPolicies", "\(policy)/ruleCollectionGroups/\(name)",
            "\"priority\":\(priority),\"ruleCollections\":[\(collections.joined(separator: ","))]")
    }

    static func collection(_ name: String, _ priority: Int, _ action: String, _ rules: [String]) -> String {
        "{\"name\":\"\(name)\",\"priority\":\(priority),\"action\":{\"type\":\"\(action)\"},\"rules\":[\(rules.joined(separator: ","))]}"
    }

    static func list(_ text: String) -> String {
        "[\(text.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ","))]"
    }

    static func network(
        _ name: String, from: String = "*", to: String = "*", _ protocols: String = "TCP", _ ports: String = "*",
        _ more: String = ""
    ) -> String {
        "{\"ruleType\":\"NetworkRule\",\"name\":\"\(name)\",\"ipProtocols\":\(list(protocols)),\"sourceAddresses\":\(list(from)),"
            + "\"destinationAddresses\":\(list(to)),\"destinationPorts\":\(list(ports))\(more)}"
    }

    static func application(
        _ name: String, from: String = "*", names: String = "", _ protocols: String = "Https:443", _ more: String = ""
    ) -> String {
        let parts = protocols.split(separator: ",").map { text in
            let pair = text.split(separator: ":")
            return "{\"protocolType\":\"\(pair[0])\",\"port\":\(pair[1])}"
        }
        return "{\"ruleType\":\"ApplicationRule\",\"name\":\"\(name)\",\"protocols\":[\(parts.joined(separator: ","))],"
            + "\"sourceAddresses\":\(list(from)),\"targetFqdns\":\(list(names))\(more)}"
    }

    static func nat(
        _ name: String, from: String, to: String, _ port: String, translated: String, _ translatedPort: String
    )
        -> String
    {
        "{\"ruleType\":\"NatRule\",\"name\":\"\(name)\",\"ipProtocols\":[\"TCP\"],\"sourceAddresses\":\(list(from)),"
            + "\"destinationAddresses\":\(list(to)),\"destinationPorts\":[\"\(port)\"],\"translatedAddress\":\"\(translated)\","
            + "\"translatedPort\":\"\(translatedPort)\"}"
    }

    // MARK: Asking

    static let id = TestNetwork.network("azureFirewalls", "fw").lowercased()

    func topology() throws -> Topology {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"], subnets: [TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.1.0/24")])
        let subnet = "\"subnet\":{\"id\":\"\(TestNetwork.subnetID("hub", "AzureFirewallSubnet"))\"}"
        network.add(
            "azureFirewalls", "fw",
            (firewall.isEmpty ? "" : "\(firewall),")
                + "\"ipConfigurations\":[{\"properties\":{\"privateIPAddress\":\"10.0.1.4\",\(subnet)}}]")
        let document = TopologyDocument(name: "rules.json", bytes: Array("[\(resources.joined(separator: ","))]".utf8))
        return try Topology(documents: network.documents + (resources.isEmpty ? [] : [document]))
    }

    func ruling(_ flow: FirewallFlow) throws -> FirewallRuling {
        try #require(try topology().firewallRuling(FirewallLab.id, flow))
    }

    /// `+n:name` allowed by a network rule, `-a:name` denied by an application rule, `+d:name` by a DNAT rule, `-` by
    /// none, `?` not known; with `!` where the firewall always translates.
    func answer(
        _ from: String, _ to: String, _ ipProtocol: Int16 = 6, _ port: Int? = nil, names: [String]? = nil,
        usual: [Int] = []
    ) throws -> String {
        let ruling = try ruling(
            FirewallFlow(
                source: #require(IPAddress(from)), destination: #require(IPAddress(to)), ipProtocol: ipProtocol,
                port: port, names: names, usualPorts: usual))
        let mark = ruling.translation == .always ? "!" : ""
        switch ruling.decision {
        case .networkRule(let name, let allows): return (allows ? "+n:" : "-n:") + name + mark
        case .applicationRule(let name, let allows): return (allows ? "+a:" : "-a:") + name + mark
        case .natRule(let name): return "+d:" + name + mark
        case .noRule: return "-"
        case .unknown: return "?"
        }
    }
}
