import ArgumentParser
import FlowModel
import Foundation
import Topology

struct TopologyVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hold the model's routes against Azure's own effective routes of a NIC.",
        discussion: """
            --effective takes the answer of `az network nic show-effective-route-table`, with -o json or -o table. It \
            does not name its NIC: give --nic, or name the file after the NIC, as in routes-app-nic.json.

            Each difference is told with both sides and both reasons. What no export can hold (routes learned by BGP, \
            ranges of services, further reserved ranges) is listed as not compared, and is no difference.

            Exit codes: 0 the two agree, 2 they differ, 64 wrong usage or no single NIC meant, 65 a topology or a file \
            that cannot be used.
            """)

    @OptionGroup var input: TopologyInput

    @Option(help: ArgumentHelp("Azure's effective routes of one NIC.", valueName: "file"))
    var effective: String

    @Option(help: ArgumentHelp("The NIC: its id, its name, or its machine's name.", valueName: "id"))
    var nic: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let topology = try input.read()
        let bytes = try readEffective()
        let verification: Verification
        do {
            let file = try EffectiveRouteFile(name: effective, bytes: bytes)
            if !file.isWhole { say("flowsight: \(effective): not whole, further pages follow") }
            let interface = try nic.map(topology.interface(named:)) ?? topology.interface(namedInFile: effective)
            verification = try topology.verify(effective: file, nic: interface)
        } catch let error as VerificationError {
            say("flowsight: \(error)")
            throw error.isUsage ? Exit.usage : Exit.unusableInput
        }
        if json {
            var writer = JSONWriter()
            verification.write(to: &writer)
            print(writer.string)
        } else {
            print(verification.text())
        }
        if !verification.agrees { throw Exit.findingsOpen }
    }

    private func readEffective() throws -> [UInt8] {
        var isFolder: ObjCBool = false
        let cause: String
        if !FileManager.default.fileExists(atPath: effective, isDirectory: &isFolder) {
            cause = "does not exist; --effective takes what `az network nic show-effective-route-table` wrote to a file"
        } else if isFolder.boolValue {
            cause = "is a folder; --effective takes the file of one NIC: run the command once for each"
        } else {
            if let bytes = FileManager.default.contents(atPath: effective) { return Array(bytes) }
            cause = "cannot be read; check its permissions"
        }
        say("flowsight: \(effective): \(cause)")
        throw Exit.unusableInput
    }
}
