import FlowModel
import Foundation
import Topology

/// Does to an export what a remedy says, by the JSON of `audit --json` alone: it shares nothing with the product's code.
struct RemedyApplier {
    private var resources: [[String: Any]] = []
    private var overlays: [[String: Any]] = []

    init(_ documents: [TopologyDocument]) throws {
        for document in documents {
            let value = try JSONSerialization.jsonObject(with: Data(document.bytes)) as? [String: Any] ?? [:]
            if let data = value["data"] as? [[String: Any]] { resources += data } else { overlays.append(value) }
        }
    }

    /// `pair` is one line of JSON.
    mutating func apply(pair: String, leavingOut skipped: String? = nil) throws {
        let value = try JSONSerialization.jsonObject(with: Data(pair.utf8)) as? [String: Any] ?? [:]
        for route in value["remedy"] as? [[String: Any]] ?? [] where RemedyApplier.key(route) != skipped {
            addRoute(route)
        }
        for setting in value["settings"] as? [[String: Any]] ?? []
        where setting["required"] as? Bool == true && RemedyApplier.key(setting) != skipped {
            set(setting)
        }
    }

    /// The required changes of a pair, each by a text of its own.
    static func changes(pair: String) throws -> [String] {
        let value = try JSONSerialization.jsonObject(with: Data(pair.utf8)) as? [String: Any] ?? [:]
        let all = (value["remedy"] as? [[String: Any]] ?? []) + (value["settings"] as? [[String: Any]] ?? [])
        return all.filter { $0["required"] as? Bool == true }.map(key)
    }

    private static func key(_ change: [String: Any]) -> String {
        ["action", "resource", "route_table", "prefix"].map { change[$0] as? String ?? "" }.joined(separator: " ")
    }

    var documents: [TopologyDocument] {
        get throws {
            let export = try JSONSerialization.data(withJSONObject: ["data": resources])
            return try [TopologyDocument(name: "export.json", bytes: Array(export))]
                + overlays.enumerated().map {
                    TopologyDocument(
                        name: "overlay-\($0.offset).json",
                        bytes: Array(try JSONSerialization.data(withJSONObject: $0.element)))
                }
        }
    }

    // MARK: Changes

    private func index(of id: String) -> Int? {
        resources.firstIndex { ($0["id"] as? String)?.lowercased() == id.lowercased() }
    }

    private mutating func change(_ id: String, _ body: (inout [String: Any]) -> Void) {
        guard let index = index(of: id) else { return }
        var properties = resources[index]["properties"] as? [String: Any] ?? [:]
        body(&properties)
        resources[index]["properties"] = properties
    }

    /// A child inside its parent's list, by the last part of its id.
    private mutating func changeChild(_ id: String, of list: String, _ body: (inout [String: Any]) -> Void) {
        let parts = id.split(separator: "/").map(String.init)
        change("/" + parts.dropLast(2).joined(separator: "/")) { parent in
            var children = parent[list] as? [[String: Any]] ?? []
            for index in children.indices where (children[index]["name"] as? String)?.lowercased() == parts.last {
                var properties = children[index]["properties"] as? [String: Any] ?? [:]
                body(&properties)
                children[index]["properties"] = properties
            }
            parent[list] = children
        }
    }

    private mutating func addRoute(_ route: [String: Any]) {
        guard let table = route["route_table"] as? String, let prefix = route["prefix"] as? String else { return }
        if index(of: table) == nil {
            guard route["creates_table"] as? Bool == true, let subnet = route["subnet"] as? String else { return }
            resources.append([
                "id": table, "name": table.split(separator: "/").last.map(String.init) ?? "", "properties": [:],
            ])
            changeChild(subnet, of: "subnets") { $0["routeTable"] = ["id": table] }
        }
        change(table) { properties in
            var routes = properties["routes"] as? [[String: Any]] ?? []
            routes.removeAll { ($0["properties"] as? [String: Any])?["addressPrefix"] as? String == prefix }
            routes.append([
                "name": route["route_name"] ?? prefix,
                "properties": [
                    "addressPrefix": prefix, "nextHopType": "VirtualAppliance",
                    "nextHopIpAddress": route["next_hop"] ?? "",
                ],
            ])
            properties["routes"] = routes
        }
    }

    private mutating func set(_ setting: [String: Any]) {
        guard let resource = setting["resource"] as? String else { return }
        switch setting["action"] as? String {
        case "set_private_endpoint_network_policies":
            changeChild(resource, of: "subnets") { $0["privateEndpointNetworkPolicies"] = setting["value"] }
        case "allow_forwarded_traffic":
            changeChild(resource, of: "virtualNetworkPeerings") { $0["allowForwardedTraffic"] = true }
        case "propagate_gateway_routes": change(resource) { $0["disableBgpRoutePropagation"] = false }
        case "translate": translate(resource, setting["prefix"] as? String ?? "")
        default: break
        }
    }

    /// The private ranges without the prefix, halved until nothing of it is left in them.
    private mutating func translate(_ id: String, _ prefix: String) {
        guard let index = index(of: id) else { return }
        let policy = (resources[index]["properties"] as? [String: Any])?["firewallPolicy"] as? [String: Any]
        guard let policy = policy?["id"] as? String, self.index(of: policy) != nil else {
            return overlays.append([
                "flowsight_overlay": 1,
                "appliances": [["name": "nva", "interfaces": [id], "inspects": true, "snat": "private_endpoints"]],
            ])
        }
        change(policy) { properties in
            let snat = properties["snat"] as? [String: Any]
            let ranges =
                snat?["privateRanges"] as? [String] ?? [
                    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                ]
            properties["snat"] = ["privateRanges": ranges.flatMap { RemedyApplier.rest(of: $0, without: prefix) }]
        }
    }

    private static func rest(of range: String, without prefix: String) -> [String] {
        guard let range = IPPrefix(range), let prefix = IPPrefix(prefix), range.overlaps(prefix) else { return [range] }
        if prefix.contains(range) { return [] }
        let half = UInt32(1) << UInt32(31 - range.length)
        return [range.address.ipv4Bits, range.address.ipv4Bits + half].flatMap {
            rest(of: "\(IPAddress(ipv4: $0))/\(range.length + 1)", without: prefix.description)
        }
    }
}

/// An audit with everything that it says, kept.
struct KeptAudit {
    let topology: Topology
    let audit: Audit
    private(set) var pairs: [AuditPair] = []
    private(set) var lines: [String] = []
    private(set) var plan: RemedyPlan
    let text: String

    init(_ documents: [TopologyDocument], isEachJudged: Bool = false) throws {
        topology = try Topology(documents: documents)
        audit = Audit(topology: topology, isEachJudged: isEachJudged)
        var plan = RemedyPlan(audit: audit)
        var table = AuditTable(audit: audit)
        var pairs: [AuditPair] = []
        var lines: [String] = []
        audit.forEachPair { pair in
            pairs.append(pair)
            plan.add(pair)
            table.add(pair)
            var json = JSONWriter()
            pair.write(to: &json)
            lines.append(json.string)
        }
        text = table.text(plan: plan)
        (self.plan, self.pairs, self.lines) = (plan, pairs, lines)
    }

    func pair(_ client: String, _ endpoint: String) -> AuditPair? {
        pairs.first {
            $0.clientSubnet.hasSuffix(client.lowercased()) && $0.privateEndpoint.hasSuffix(endpoint.lowercased())
        }
    }

    /// Every pair that counts is inspected.
    var isClean: Bool { pairs.allSatisfy { !$0.counts || $0.verdict == .inspected } }

    func count(_ verdict: AuditPair.Verdict) -> Int { pairs.count { $0.verdict == verdict } }

    /// The export after the remedies of all pairs, or of all but one change.
    func mended(_ documents: [TopologyDocument], leavingOut skipped: String? = nil) throws -> KeptAudit {
        var applier = try RemedyApplier(documents)
        for line in lines { try applier.apply(pair: line, leavingOut: skipped) }
        return try KeptAudit(try applier.documents)
    }

    /// What the remedies did that they must not do.
    func faults(after: KeptAudit) -> [String] {
        let verdicts = Dictionary(
            uniqueKeysWithValues: after.pairs.map { ([$0.clientSubnet, $0.privateEndpoint], $0) })
        var faults: [String] = []
        for pair in pairs {
            guard let new = verdicts[[pair.clientSubnet, pair.privateEndpoint]] else {
                faults.append("gone: \(pair.clientSubnet) \(pair.privateEndpoint)")
                continue
            }
            let what = "\(pair.clientSubnet) → \(pair.privateEndpoint): \(pair.verdict) → \(new.verdict): \(new.why)"
            if !pair.remedy.isEmpty, new.verdict != .inspected { faults.append("not mended: \(what)") }
            if pair.verdict == .inspected, new.verdict != .inspected { faults.append("broken: \(what)") }
            if pair.verdict != .broken, new.verdict == .broken || (pair.verdict == .bypassed && new.verdict == .unknown)
            {
                faults.append("worse: \(what)")
            }
        }
        let old = Set(topology.problems)
        faults += after.topology.problems.filter { !old.contains($0) }.map { "new problem: \($0)" }
        return faults
    }
}
