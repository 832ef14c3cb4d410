/// Appliances behind a load balancer.
extension TestNetwork {
    /// Two machines with IP forwarding behind an internal load balancer `lb`; port 0 and `All` are HA ports.
    mutating func addBalancedAppliances(
        ports: Int, protocol: String, snat: String = "never", vnet: String = "v1", subnet: String = "n",
        addresses: [String] = ["10.1.8.4", "10.1.8.5"], frontend: String = "10.1.8.100"
    ) {
        let balancer = TestNetwork.network("loadBalancers", "lb")
        for (name, address) in zip(["nva1", "nva2"], addresses) {
            add(
                "networkInterfaces", name,
                """
                "macAddress":"00-0D-3A-00-00-98","enableIPForwarding":true,"ipConfigurations":[{"name":"a","properties":\
                {"primary":true,"privateIPAddress":"\(address)","subnet":{"id":"\(TestNetwork.subnetID(vnet, subnet))"},\
                "loadBalancerBackendAddressPools":[{"id":"\(balancer)/backendAddressPools/p"}]}}]
                """)
        }
        let pool = ["nva1", "nva2"].map {
            "{\"id\":\"\(TestNetwork.network("networkInterfaces", $0))/ipConfigurations/a\"}"
        }.joined(separator: ",")
        add(
            "loadBalancers", "lb",
            """
            "frontendIPConfigurations":[{"id":"\(balancer)/frontendIPConfigurations/f","name":"f","properties":\
            {"privateIPAddress":"\(frontend)","subnet":{"id":"\(TestNetwork.subnetID(vnet, subnet))"}}}],\
            "backendAddressPools":[{"id":"\(balancer)/backendAddressPools/p","name":"p","properties":\
            {"backendIPConfigurations":[\(pool)]}}],"loadBalancingRules":[{"name":"r","properties":{"protocol":\
            "\(`protocol`)","frontendPort":\(ports),"backendPort":\(ports),"frontendIPConfiguration":\
            {"id":"\(balancer)/frontendIPConfigurations/f"},"backendAddressPool":\
            {"id":"\(balancer)/backendAddressPools/p"}}}]
            """, extra: ",\"sku\":{\"name\":\"Standard\"}")
        overlays.append(
            """
            {"flowsight_overlay":1,"appliances":[{"name":"nva","interfaces":[\(addresses.map { "\"\($0)\"" }.joined(separator: ","))],\
            "load_balancer":"\(balancer)","inspects":true,"snat":"\(snat)"}]}
            """)
    }
}
