internal import FlowModel
internal import FoundationEssentials

/// What Azure says of a NIC's effective routes: the answer of `az network nic show-effective-route-table`, in JSON or
/// as `-o table` prints it, of REST, of PowerShell, or pasted from the portal (topology exports, 25).
///
/// No NIC's name stands in it.
package struct EffectiveRouteFile: Sendable {
    /// A row, with one prefix for each of its destinations.
    struct Row {
        var source: EffectiveRoute.Source
        var isActive: Bool
        /// As written: prefixes, or a service tag.
        var destinations: [String]
        var hop: NextHopType
        /// As written.
        var hopText: String
        var nextHops: [IPAddress]
        /// Ranges of service tags that a user route names.
        var isOfServiceTag = false
    }

    /// Name of the file, for errors and for the NIC that it may name.
    package let name: String
    private(set) var rows: [Row] = []
    /// False where further pages follow.
    package private(set) var isWhole = true

    /// Reads the bytes of a file, in UTF-8, or in UTF-16 as old PowerShell writes it.
    package init(name: String, bytes: [UInt8]) throws(VerificationError) {
        self.name = name
        let text = EffectiveRouteFile.text(of: bytes)
        if text.first == "{" || text.first == "[" {
            try readJSON(text)
        } else {
            try readTable(text)
        }
        guard !rows.isEmpty else {
            throw VerificationError(
                code: .noRows, subject: name, cause: "holds no effective route",
                hint: "Azure tells them of NICs of running machines only")
        }
    }

    private static func text(of bytes: [UInt8]) -> String {
        var text: String
        if bytes.starts(with: [0xff, 0xfe]) {
            let units = stride(from: 2, to: bytes.count - 1, by: 2).map {
                UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
            }
            text = String(decoding: units, as: UTF16.self)
        } else {
            text = String(decoding: bytes, as: UTF8.self)
        }
        while let first = text.first, first.isWhitespace || first == "\u{feff}" { text.removeFirst() }
        return text
    }

    // MARK: JSON

    private mutating func readJSON(_ text: String) throws(VerificationError) {
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)).lowerCasedKeys()
        } catch {
            throw refusal("is no JSON")
        }
        for key in ["nextlink", "skip_token", "$skiptoken"] where value[key]?.string?.isEmpty == false {
            isWhole = false
        }
        let list = value["value"] ?? value["data"] ?? value["effectiveroutes"] ?? value
        let rows = list.array ?? (list["nexthoptype"] == nil && list["nexthops"] == nil ? nil : [list])
        // An answer of Azure whose list is null, as for a NIC of a machine that is off.
        guard let rows = rows ?? (list.isNull && value.object != nil ? [] : nil) else {
            throw refusal("is JSON without effective routes")
        }
        for row in rows { try read(Fields(row)) }
    }

    private mutating func read(_ fields: Fields) throws(VerificationError) {
        if fields.has("aspath") || fields.has("nexthops") { throw hubRefusal() }
        guard let hop = fields.text("nexthoptype"), fields.has("addressprefix") || fields.has("addressprefixes") else {
            throw refusal("holds an object that is no effective route")
        }
        let addresses = fields.texts("nexthopipaddress") + (fields.object("nexthop")?.texts("nexthopipaddresses") ?? [])
        rows.append(
            Row(
                source: EffectiveRouteFile.source(fields.text("source") ?? ""),
                isActive: fields.text("state")?.lowercased() != "invalid",
                destinations: fields.texts("addressprefix") + fields.texts("addressprefixes"),
                hop: NextHopType(hop), hopText: hop, nextHops: addresses.compactMap { IPAddress($0) },
                isOfServiceTag: !fields.texts("destinationservicetags").isEmpty))
    }

    /// `Default`, `User`, `VirtualNetworkGateway`; what says nothing is Azure's own.
    static func source(_ text: String) -> EffectiveRoute.Source {
        switch text.lowercased().filter({ $0 != " " }) {
        case "user": return .user
        case "virtualnetworkgateway": return .bgp
        default: return .system
        }
    }

    func hubRefusal() -> VerificationError {
        VerificationError(
            code: .ofVirtualHub, subject: name, cause: "holds effective routes of a virtual hub, not of a NIC",
            hint: "give the answer of `az network nic show-effective-route-table` for a NIC")
    }

    func refusal(_ cause: String) -> VerificationError {
        VerificationError(
            code: .notEffectiveRoutes, subject: name, cause: cause,
            hint: "give the answer of `az network nic show-effective-route-table`, with -o json or -o table")
    }

    mutating func append(_ row: Row) { rows.append(row) }
}
