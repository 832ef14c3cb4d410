internal import FlowModel

/// Load balancers, whose rules and pools are resources of their own in Terraform.
extension TerraformMapping {
    private static let loadBalancerType = "Microsoft.Network/loadBalancers"

    static func loadBalancer(_ balancer: Attributes) -> TerraformResource {
        TerraformResource(
            loadBalancerType, balancer, sku: .some(["name": balancer.text("sku")]),
            [
                "frontendIPConfigurations": balancer.list("frontend_ip_configuration") { block in
                    .child(
                        block.text("name"), id: block.string("id"),
                        [
                            "privateIPAddress": block.text("private_ip_address"),
                            "subnet": block.reference("subnet_id"),
                            "publicIPAddress": block.reference("public_ip_address_id"),
                        ])
                }
            ])
    }

    static func loadBalancingRule(_ rule: Attributes, _ answer: inout TerraformAnswer) {
        guard let balancer = rule.string("loadbalancer_id") else { return }
        let frontend =
            rule.string("frontend_ip_configuration_id")
            ?? rule.string("frontend_ip_configuration_name").map { "\(balancer)/frontendIPConfigurations/\($0)" }
        let pools = rule.references("backend_address_pool_ids", "backend_address_pool_id")
        let written = JSONValue.child(
            rule.text("name"), id: rule.string("id"),
            [
                "protocol": rule.text("protocol"), "frontendPort": rule.number("frontend_port"),
                "backendPort": rule.number("backend_port"), "loadDistribution": rule.text("load_distribution"),
                "enableFloatingIP": rule.flag("floating_ip_enabled", "enable_floating_ip"),
                "frontendIPConfiguration": frontend.map(JSONValue.reference),
                "backendAddressPool": pools?.array?.first, "backendAddressPools": pools,
            ])
        answer.add(.part(of: balancer, loadBalancerType, ["loadBalancingRules": .array([written])]))
    }

    static func backendPool(_ pool: Attributes, _ answer: inout TerraformAnswer) {
        guard let id = pool.string("id") else { return }
        addToPool(id, pool.references("backend_ip_configurations")?.array ?? [], &answer)
    }

    static func addToPool(_ pool: String, _ configurations: [JSONValue], _ answer: inout TerraformAnswer) {
        let balancer = pool.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let written = JSONValue.child(
            .string(lastPart(pool)), id: pool, ["backendIPConfigurations": .array(configurations)])
        answer.add(.part(of: balancer, loadBalancerType, ["backendAddressPools": .array([written])]))
    }
}
