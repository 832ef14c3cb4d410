import FlowModel
import Testing
import Topology

/// Attributes whose sense changed between versions of the provider, or whose name says the opposite of what they do.
struct TerraformPolarityTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var attributes: String
        /// Text of the property; nil where it must be absent.
        var expected: JSONValue?
        var problems = 0
        var testDescription: String { attributes }
    }

    private func property(_ type: String, _ path: String, _ property: String, _ attributes: String) throws
        -> (value: JSONValue?, problems: [TopologyProblem])
    {
        var state = TerraformState()
        state.add(type, path, attributes)
        let reader = try state.reader()
        return (reader.single?["properties"]?[property], reader.problems)
    }

    private static let enforce = "\"enforce_private_link_endpoint_network_policies\""
    private static let enabled = "\"private_endpoint_network_policies_enabled\""
    private static let policies = "\"private_endpoint_network_policies\""

    @Test(arguments: [
        Case(attributes: "\(enforce):true", expected: .string("Disabled")),
        Case(attributes: "\(enforce):false", expected: .string("Enabled")),
        Case(attributes: "\(enabled):true", expected: .string("Enabled")),
        Case(attributes: "\(enabled):false", expected: .string("Disabled")),
        Case(attributes: "\(enabled):null", expected: nil),
        Case(attributes: "\"address_prefixes\":[]", expected: nil),
        Case(attributes: "\(enforce):false,\(enabled):true", expected: .string("Enabled")),
        Case(attributes: "\(enforce):true,\(enabled):false", expected: .string("Disabled")),
        Case(attributes: "\(enforce):true,\(enabled):true", expected: nil, problems: 1),
        Case(attributes: "\(enforce):false,\(enabled):false", expected: nil, problems: 1),
        Case(attributes: "\(policies):\"Enabled\"", expected: .string("Enabled")),
        Case(attributes: "\(policies):\"RouteTableEnabled\"", expected: .string("RouteTableEnabled")),
        Case(
            attributes: "\(policies):\"NetworkSecurityGroupEnabled\",\(enabled):true",
            expected: .string("NetworkSecurityGroupEnabled")),
        Case(attributes: "\(policies):\"Disabled\",\(enabled):true,\(enforce):false", expected: .string("Disabled")),
        Case(attributes: "\(policies):\"\",\(enabled):true", expected: .string("Enabled")),
        Case(attributes: "\(policies):null,\(enforce):\"true\"", expected: .string("Disabled")),
        Case(attributes: "\(policies):true", expected: .string("Enabled")),
        Case(attributes: "\(policies):\"false\"", expected: .string("Disabled")),
        Case(attributes: "\(policies):false,\(enabled):true", expected: .string("Disabled")),
        Case(attributes: "\(policies):\"Banana\"", expected: .string("Banana")),
    ])
    func networkPoliciesOfASubnet(test: Case) throws {
        let answer = try property(
            "azurerm_subnet", "virtualNetworks/v/subnets/a", "privateEndpointNetworkPolicies", test.attributes)
        #expect(answer.value == test.expected)
        #expect(answer.problems.count == test.problems)
    }

    @Test(arguments: [
        Case(attributes: "\"disable_bgp_route_propagation\":true", expected: .bool(true)),
        Case(attributes: "\"disable_bgp_route_propagation\":false", expected: .bool(false)),
        Case(attributes: "\"bgp_route_propagation_enabled\":true", expected: .bool(false)),
        Case(attributes: "\"bgp_route_propagation_enabled\":false", expected: .bool(true)),
        Case(attributes: "\"route\":[]", expected: nil),
        Case(
            attributes: "\"bgp_route_propagation_enabled\":true,\"disable_bgp_route_propagation\":false",
            expected: .bool(false)),
        Case(
            attributes: "\"bgp_route_propagation_enabled\":false,\"disable_bgp_route_propagation\":false",
            expected: .bool(true), problems: 1),
        Case(
            attributes: "\"bgp_route_propagation_enabled\":null,\"disable_bgp_route_propagation\":\"true\"",
            expected: .bool(true)),
    ])
    func propagationOfARouteTable(test: Case) throws {
        let answer = try property("azurerm_route_table", "routeTables/t", "disableBgpRoutePropagation", test.attributes)
        #expect(answer.value == test.expected)
        #expect(answer.problems.count == test.problems)
    }

    @Test(arguments: [
        Case(attributes: "\"enable_ip_forwarding\":true", expected: .bool(true)),
        Case(attributes: "\"ip_forwarding_enabled\":true", expected: .bool(true)),
        Case(attributes: "\"ip_forwarding_enabled\":false,\"enable_ip_forwarding\":true", expected: .bool(false)),
        Case(attributes: "\"mac_address\":\"\"", expected: nil),
    ])
    func forwardingOfANIC(test: Case) throws {
        let answer = try property(
            "azurerm_network_interface", "networkInterfaces/n", "enableIPForwarding", test.attributes)
        #expect(answer.value == test.expected)
    }

    @Test func anInnerSubnetHasTheSamePolarity() throws {
        var state = TerraformState()
        state.add(
            "azurerm_virtual_network", "virtualNetworks/v",
            "\"subnet\":[{\"name\":\"a\",\"private_endpoint_network_policies\":\"Disabled\"},{\"name\":\"b\",\(TerraformPolarityTests.enforce):false}]"
        )
        let subnets = try state.reader().single?["properties"]?["subnets"]?.array ?? []
        #expect(
            subnets.map { $0["properties"]?["privateEndpointNetworkPolicies"]?.string } == ["Disabled", "Enabled"])
    }
}
