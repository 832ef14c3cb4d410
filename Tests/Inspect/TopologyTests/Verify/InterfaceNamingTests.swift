import Testing
import Topology

/// Which NIC effective routes are of: by --nic, or by the name of their file.
struct InterfaceNamingTests {
    private func topology() throws -> Topology {
        var network = VerifyLab().network()
        network.addNIC("app-nic-2", "10.1.1.5", vnet: "spoke", subnet: "app", machine: "db-vm")
        network.addNIC("lost-nic", "10.1.1.5", vnet: "nowhere", subnet: "app")
        network.addNIC("db-nic", "10.1.1.6", vnet: "spoke", subnet: "app", machine: "db-vm")
        return try network.topology()
    }

    @Test(arguments: [
        ("app-nic", "app-nic"), ("APP-NIC", "app-nic"), (VerifyLab.nic.uppercased(), "app-nic"), ("app-vm", "app-nic"),
        ("app-nic-2", "app-nic-2"),
    ])
    func aNICIsNamedByIdNameOrMachine(text: String, name: String) throws {
        #expect(try topology().interface(named: text).hasSuffix("/\(name)"))
    }

    @Test(arguments: [
        ("app-nic.json", "app-nic"), ("/tmp/x/Routes_APP-NIC_2026.txt", "app-nic"), ("app-nic-2.json", "app-nic-2"),
        ("routes.app-nic-2.table", "app-nic-2"),
    ])
    func aFileMayNameItsNIC(file: String, name: String) throws {
        #expect(try topology().interface(namedInFile: file).hasSuffix("/\(name)"))
    }

    @Test(arguments: [
        ("routes.json", VerificationError.Code.unknownNIC, "say which one with --nic"),
        ("myapp-nics.json", .unknownNIC, "app-nic"),
        ("app-nic-and-db-nic.json", .ambiguousNIC, "db-nic"), ("pe.nic.json", .unknownNIC, "--nic"),
    ])
    func aFileThatNamesNoSingleNICIsAnErrorThatListsThem(file: String, code: VerificationError.Code, hint: String)
        throws
    {
        let topology = try topology()
        let error = #expect(throws: VerificationError.self) { try topology.interface(namedInFile: file) }
        #expect(error?.code == code)
        #expect(error?.hint.contains(hint) == true, "\(error?.hint ?? "")")
        #expect(error?.isUsage == true)
    }

    @Test(arguments: [
        ("nobody", VerificationError.Code.unknownNIC), ("db-vm", .ambiguousNIC),
        (TestNetwork.network("networkInterfaces", "pe.nic"), .unknownNIC),
    ])
    func aNameThatIsNoSingleNICIsAnError(text: String, code: VerificationError.Code) throws {
        let topology = try topology()
        let error = #expect(throws: VerificationError.self) { try topology.interface(named: text) }
        #expect(error?.code == code)
    }

    @Test func aNICWithoutItsSubnetCannotBeVerified() throws {
        let topology = try topology()
        let file = try EffectiveRouteFile(name: "f", bytes: Array(VerifyLab.rest(VerifyLab.azure).utf8))
        let nic = try topology.interface(named: "lost-nic")
        let error = #expect(throws: VerificationError.self) { try topology.verify(effective: file, nic: nic) }
        #expect(error?.code == .unknownSubnet && error?.isUsage == false)
    }
}
