internal import FlowModel

/// What becomes of a session to a private endpoint through a device that does not translate: the table of azure-routes,
/// "The way back", by the VNets of client, device and endpoint.
///
/// Where it says dropped, packets leave the device and are dropped at its host, before the endpoint; nothing comes back
/// [a published lab of 2021; seed: scenario 3].
struct UntranslatedReply {
    enum Outcome {
        case works(Fact?)
        case dropped(String)
        case unknown(String)
    }

    let shared: SharedNetwork
    private var network: Network { shared.network }
    let from: Place
    let gateway: Gateway?
    let device: Appliance
    let endpoint: String

    func outcome() -> Outcome {
        let home = network.subnets[device.subnet]?.vnet
        let target = network.privateEndpoints[endpoint].flatMap { network.subnets[$0.subnet]?.vnet }
        if let home, network.hubs[home] != nil {
            return .works(
                Fact(text: "routing intent with policies on is said to inspect private endpoints", confidence: .medium))
        }
        if from.endpoint.kind == .onPremises { return fromGateway(device: home, endpoint: target) }
        if gateway != nil { return .unknown("no source says whether it works round through a gateway") }
        let client = from.endpoint.subnet.flatMap { network.subnets[$0]?.vnet }
        if client == home {
            if target != home, isStorage {
                return .unknown(
                    "reports conflict on a storage account's endpoint in another VNet than client and \(device.name): some "
                        + "saw it work without translation, some saw it dropped")
            }
            return .dropped(
                "without translation at \(device.name), in the client's own VNet, its packets to the endpoint are dropped"
            )
        }
        return .works(
            Fact(text: "seen in a published lab of 2021: client and device in different VNets", confidence: .medium))
    }

    /// The need for translation may differ by service [field: azure-docs 69403, 95164; experiments of 2020 and 2022].
    private var isStorage: Bool {
        shared.network.privateEndpoints[endpoint]?.target?.service.type == "microsoft.storage/storageaccounts"
    }

    /// What an answer rests on that says "not translated".
    static func facts(of device: Appliance, towards destination: IPAddress, isRuled: Bool) -> [Fact] {
        var facts = [Fact(text: "dropped without translation: seen in a published lab of 2021", confidence: .medium)]
        if device.kind == .azureFirewall, !isRuled {
            facts.append(
                Fact(
                    text: "network rules do not translate towards \(destination); an application rule would",
                    confidence: .medium))
        }
        return facts
    }

    private func fromGateway(device: String?, endpoint: String?) -> Outcome {
        guard let gateway, let home = network.subnets[gateway.subnet]?.vnet else {
            return .unknown("the gateway of the way back is not in the export")
        }
        if home == device, device == endpoint {
            guard gateway.isExpressRoute else {
                return .dropped("gateway, device and endpoint in one VNet: dropped without translation")
            }
            return setting(
                network.semantics.expressRouteSameVNetReply, "expressroute_same_vnet_reply", "said to work, not tested")
        }
        if home == device {
            return setting(
                network.semantics.gatewayHubSpokeReply, "gateway_hub_spoke_reply",
                "gateway and device in the hub, endpoint in a spoke: reports conflict")
        }
        if device != endpoint, home != endpoint, !gateway.isExpressRoute {
            return .works(
                Fact(
                    text: "seen in a published lab of 2021: gateway, device and endpoint in a chain of VNets",
                    confidence: .medium))
        }
        return .unknown("no source says whether the endpoint's reply comes back without translation here")
    }

    private func setting(_ value: Bool?, _ name: String, _ why: String) -> Outcome {
        switch value {
        case true?: return .works(Fact(text: "\(name): \(why)", confidence: .low))
        case false?: return .dropped("\(name) is set to false: dropped without translation")
        case nil: return .unknown("\(why) (\(name))")
        }
    }
}
