import FlowModel
import Topology
import Testing

private let seeds: [UInt64] = [1, 7, 42, 1_234_567]
private let tcp = IPProtocol.tcp

/// The judgments that the product exists for, on a network whose addresses move with the seed.
@Suite struct LabTests {
    @Test(arguments: seeds) func tcpToThePrivateEndpointPassesTheFirewallBy(seed: UInt64) throws {
        let lab = HubAndSpoke(seed: seed)
        let answer = try lab.explain(lab.machine, lab.endpoint, tcp)
        #expect(answer.works == true, "seed \(seed)")
        #expect(answer.inspected == false)
        #expect(answer.symmetric == true)
        #expect(answer.forward.map(\.kind) == [.nic, .privateEndpoint])
        #expect(answer.back.map(\.kind) == [.privateEndpoint, .nic])
        #expect(answer.confidence == .high)
        let chosen = try #require(answer.routes.first { $0.chosen })
        #expect(chosen.prefix == "\(lab.endpoint)/32")
        #expect(chosen.nextHopType == "InterfaceEndpoint")
        #expect(chosen.source == "system")
        #expect(chosen.appliesTo == ["tcp"])
        let loser = try #require(answer.routes.first { $0.prefix == "\(lab.spoke).2.0/24" })
        #expect(!loser.chosen)
        #expect(loser.reason == "shorter than \(lab.endpoint)/32 → InterfaceEndpoint")
        #expect(
            answer.remedy.first
                == "add to route table rt-app the route \(lab.endpoint)/32 → VirtualAppliance \(lab.firewall)")
        #expect(answer.remedy.count == 2, "RouteTableEnabled would make the /24 summarise")
    }

    @Test(arguments: seeds, [IPProtocol.icmp, IPProtocol.udp])
    func probesOfThePrivateEndpointGoToTheFirewallAndAreNeverAnswered(seed: UInt64, ipProtocol: Int16) throws {
        let lab = HubAndSpoke(seed: seed)
        let answer = try lab.explain(lab.machine, lab.endpoint, ipProtocol)
        #expect(answer.works == false)
        #expect(answer.inspected == true)
        #expect(answer.inspectedBy == ["fw"])
        #expect(answer.forward.map(\.kind) == [.nic, .firewall, .privateEndpoint])
        #expect(answer.back.isEmpty)
        #expect(answer.symmetric == nil)
        #expect(answer.confidence == .medium, "that the /32 steers TCP only rests on two tests")
        #expect(answer.routes.first { $0.chosen }?.prefix == "\(lab.spoke).2.0/24")
        #expect(answer.routes.contains { $0.nextHopType == "InterfaceEndpoint" && !$0.chosen })
    }

    @Test(arguments: seeds) func theAnswerToOnPremisesGoesToAFirewallThatNeverSawTheOpening(seed: UInt64) throws {
        let lab = HubAndSpoke(seed: seed)
        let answer = try lab.explain(lab.client, lab.machine, tcp)
        #expect(answer.works == false)
        #expect(answer.symmetric == false)
        #expect(answer.inspected == false)
        #expect(answer.forward.map(\.kind) == [.onPremises, .gateway, .nic])
        #expect(answer.back.map(\.kind) == [.nic, .firewall, .drop])
        #expect(answer.forwardInspectors.isEmpty)
        #expect(answer.backInspectors == [lab.firewallID])
        #expect(
            answer.remedy.first
                == "add to route table rt-gateway the route \(lab.spoke).1.0/24 → VirtualAppliance \(lab.firewall)")
        #expect(
            answer.routes.contains { $0.subnet == lab.gatewaySubnet && $0.chosen && $0.nextHopType == "VNetPeering" })
        #expect(answer.routes.contains { $0.subnet == lab.application && $0.chosen && $0.prefix == "0.0.0.0/0" })
    }

    @Test(arguments: seeds) func withPropagationOnTheAnswerReturnsByTheGateway(seed: UInt64) throws {
        let lab = HubAndSpoke(seed: seed)
        let answer = try lab.explain(lab.client, lab.machine, tcp, .init(applicationPropagates: true))
        #expect(answer.works == true)
        #expect(answer.symmetric == true)
        #expect(answer.back.map(\.kind) == [.nic, .gateway, .onPremises])
    }

    @Test(arguments: seeds) func theBackupCrossesTheFirewallBothWaysWhoeverOpens(seed: UInt64) throws {
        let lab = HubAndSpoke(seed: seed)
        for (from, to) in [(lab.backup, lab.client), (lab.client, lab.backup)] {
            let answer = try lab.explain(from, to, tcp)
            #expect(answer.works == true)
            #expect(answer.symmetric == true)
            #expect(answer.inspected == true)
            #expect(answer.forwardInspectors == [lab.firewallID])
            #expect(answer.backInspectors == [lab.firewallID])
            #expect(answer.forward.count == 4 && answer.back.count == 4)
        }
    }

    @Test(arguments: seeds) func theDNSMachineInTheHubIsReachedOverThePeering(seed: UInt64) throws {
        let lab = HubAndSpoke(seed: seed)
        for ipProtocol in [tcp, IPProtocol.udp, IPProtocol.icmp] {
            let answer = try lab.explain(lab.machine, lab.dns, ipProtocol)
            #expect(answer.works == true)
            #expect(answer.symmetric == true)
            #expect(answer.inspected == false)
            #expect(answer.forward.map(\.name) == ["app-vm", "dns-1"])
        }
    }

    @Test(arguments: seeds) func configuredRightTCPIsInspectedBothWays(seed: UInt64) throws {
        let lab = HubAndSpoke(seed: seed)
        let fixed = HubAndSpoke.Changes(isFixed: true)
        let endpoint = try lab.explain(lab.machine, lab.endpoint, tcp, fixed)
        #expect(endpoint.works == true)
        #expect(endpoint.symmetric == true)
        #expect(endpoint.inspected == true)
        #expect(endpoint.forward.map(\.kind) == [.nic, .firewall, .privateEndpoint])
        #expect(endpoint.back.map(\.kind) == [.privateEndpoint, .firewall, .nic])
        #expect(endpoint.routes.first { $0.chosen }?.source == "user", "for the same /32 user beats system")
        #expect(endpoint.remedy.isEmpty)
        let site = try lab.explain(lab.client, lab.machine, tcp, fixed)
        #expect(site.works == true && site.symmetric == true && site.inspected == true)
        #expect(site.remedy.isEmpty)
    }

    @Test(arguments: seeds) func onPremisesReachesThePrivateEndpointByItsRouteOnGatewaySubnet(seed: UInt64) throws {
        let lab = HubAndSpoke(seed: seed)
        let answer = try lab.explain(lab.client, lab.endpoint, tcp)
        #expect(answer.works == true && answer.inspected == false && answer.symmetric == true)
        #expect(
            answer.remedy.first
                == "add to route table rt-gateway the route \(lab.endpoint)/32 → VirtualAppliance \(lab.firewall)")
        #expect(answer.remedy.last?.hasPrefix("and translate at fw") == true, "gateway and firewall share the hub")
    }

    @Test func theInternetIsReachedThroughTheFirewallAndAnswersIt() throws {
        let lab = HubAndSpoke(seed: 3)
        let answer = try lab.explain(lab.machine, "203.0.113.9", tcp)
        #expect(answer.works == true && answer.symmetric == true && answer.inspected == true)
        #expect(answer.forward.map(\.kind) == [.nic, .firewall, .internet])
        #expect(answer.back.map(\.kind) == [.internet, .firewall, .nic])
    }

    @Test func theTextNamesVerdictRoutesAndRemedy() throws {
        let lab = HubAndSpoke(seed: 1)
        let text = try lab.explain(lab.machine, lab.endpoint, tcp).text()
        for part in [
            "inspected:  no", "routes at spoke/app:", "* \(lab.endpoint)/32 → InterfaceEndpoint (system, tcp)",
            "remedy:",
            "fw: forward no (not_on_path)",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func theJSONHasEveryKeyOfTheContractInItsOrder() throws {
        let lab = HubAndSpoke(seed: 1)
        var json = JSONWriter()
        try lab.explain(lab.client, lab.machine, tcp).write(to: &json)
        var rest = json.string[...]
        for key in [
            "from", "to", "protocol", "works", "why", "symmetric", "symmetric_reason", "inspected", "inspected_by",
            "forward", "return", "routes", "sees", "confidence", "rests_on", "remedy",
        ] {
            let range = try #require(rest.ranges(of: "\"\(key)\":").first, "\(key)")
            rest = rest[range.upperBound...]
        }
    }
}
