import ArgumentParser
import FlowModel
import Topology

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell which routes a session takes each way, who inspects it, who sees it, and what to change.",
        discussion: """
            --topology takes exports, overlays and folders of them. An address that lives in several routing domains \
            needs the VNet or subnet that is meant: 192.0.2.4@vnet-spoke.

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
        let places = try places(in: topology)
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

    /// An on-premises address lives in every domain of its range: there the other end says which one is meant.
    private func places(in topology: Topology) throws -> (from: Place, to: Place) {
        do {
            return (try topology.place(from), try topology.place(to))
        } catch {
            if error.code == .ambiguous, let places = placesByOtherEnd(of: error.text, in: topology) { return places }
            say("flowsight: \(error)")
            throw Exit.usage
        }
    }

    private func placesByOtherEnd(of text: String, in topology: Topology) -> (from: Place, to: Place)? {
        guard let address = IPAddress(text) else { return nil }
        let isFrom = text == from
        // The other end may be ambiguous or wrong, too: then its own error is the one to tell.
        guard let other = try? topology.place(isFrom ? to : from), other.domain >= 0 else { return nil }
        let place = topology.place(address, domain: other.domain)
        guard place.endpoint.kind == .onPremises else { return nil }
        return isFrom ? (place, other) : (other, place)
    }
}
