import ArgumentParser
import FlowModel
import Runtime
import Topology

struct TopologyShowCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, dot, svg
    }

    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print what was understood of the exports, or draw it; mark the way of one session.",
        discussion: """
            --format dot is text for Graphviz; svg is a drawing of its own, for a browser. With --from, --to and \
            --protocol the way that `explain` tells is marked: forward solid, return dashed, a drop by a cross.

            Drawings of more than \(TopologyMap.vnetLimit) VNets are cut to what is near the session's way; table and json \
            hold all.

            Exit codes: 0 done, 64 wrong usage or an ambiguous address, 65 a topology that cannot be used.
            """)

    @OptionGroup var input: TopologyInput

    @Option(help: "How it is shown.")
    var format = Format.table

    @Option(help: ArgumentHelp("The client: an address, or address@vnet-or-subnet.", valueName: "place"))
    var from: String?

    @Option(help: ArgumentHelp("The destination: an address, or address@vnet-or-subnet.", valueName: "place"))
    var to: String?

    @Option(name: .customLong("protocol"), help: ArgumentHelp("tcp, udp, icmp, or a number.", valueName: "protocol"))
    var protocolText: String?

    @Option(help: ArgumentHelp("The destination port.", valueName: "port"))
    var port: Int?

    func validate() throws {
        let count = [from, to, protocolText].compactMap { $0 }.count
        guard count == 3 || (count == 0 && port == nil) else {
            throw ValidationError("--from, --to and --protocol name a session together, --port may be added")
        }
        if let protocolText, IPProtocol.number(protocolText) == nil {
            throw ValidationError("--protocol \(protocolText) is none of tcp, udp, icmp, 0 to 255")
        }
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port \(port) is no port") }
    }

    func run() throws {
        let reading = try input.reading()
        var map = try map(of: reading.topology)
        let now = EventTime(microseconds: SystemClock().microseconds)
        map.dating = reading.age.map { TopologyMap.Dating(age: $0, now: now) }
        if format == .dot || format == .svg, let notice = map.cut().cutNotice { say("topology: \(notice)") }
        switch format {
        case .table: print(map.table())
        case .json:
            var writer = JSONWriter()
            map.write(to: &writer)
            print(writer.string)
        case .dot: print(map.dot(), terminator: "")
        case .svg: print(map.svg(), terminator: "")
        }
    }

    private func map(of topology: Topology) throws -> TopologyMap {
        guard let from, let to, let ipProtocol = protocolText.flatMap(IPProtocol.number) else { return topology.map() }
        let places = try SessionEnds(from: from, to: to).places(in: topology)
        return topology.map(from: places.from, to: places.to, ipProtocol: ipProtocol, port: port)
    }
}
