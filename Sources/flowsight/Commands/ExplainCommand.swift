import ArgumentParser
import FlowModel
import Topology

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell which routes a session takes each way, who inspects it, who sees it, and what to change.",
        discussion: """
            --topology takes exports, overlays and folders of them. An address that lives in several routing domains \
            needs the VNet or subnet that is meant, 192.0.2.4@vnet-spoke, unless the other end says which domain it is.

            Problems of the exports and overlays are counted on standard error; `topology show` lists them.

            Exit codes: 0 answered ("cannot tell" is an answer), 64 wrong usage or an ambiguous address, 65 a topology \
            that cannot be used.
            """)

    @OptionGroup var input: TopologyInput

    @Option(help: ArgumentHelp("The client: an address, or address@vnet-or-subnet.", valueName: "place"))
    var from: String

    @Option(help: ArgumentHelp("The destination: an address, or address@vnet-or-subnet.", valueName: "place"))
    var to: String

    @Option(name: .customLong("protocol"), help: ArgumentHelp("tcp, udp, icmp, or a number.", valueName: "protocol"))
    var protocolText: String

    @Option(help: ArgumentHelp("The destination port.", valueName: "port"))
    var port: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard IPProtocol.number(protocolText) != nil else {
            throw ValidationError("--protocol \(protocolText) is none of tcp, udp, icmp, 0 to 255")
        }
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port \(port) is no port") }
    }

    func run() throws {
        let topology = try input.read()
        if let notice = topology.problemNotice { say(notice) }
        let places = try SessionEnds(from: from, to: to).places(in: topology)
        let answer = topology.explain(
            from: places.from, to: places.to, ipProtocol: IPProtocol.number(protocolText) ?? IPProtocol.tcp, port: port)
        if json {
            var writer = JSONWriter()
            answer.write(to: &writer)
            print(writer.string)
        } else {
            print(answer.text())
        }
    }
}
