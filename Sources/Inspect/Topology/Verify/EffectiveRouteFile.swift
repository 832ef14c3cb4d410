internal import FlowModel

/// What Azure says of a NIC's effective routes: the answer of `az network nic show-effective-route-table`, in JSON or
/// as `-o table` prints it, of REST, of PowerShell as a table or a list, or pasted from the portal (topology exports,
/// 25).
///
/// No NIC's name stands in it.
package struct EffectiveRouteFile: Sendable {
    /// A row, with one prefix for each of its destinations.
    struct Row {
        var source: EffectiveRoute.Source
        var isActive: Bool
        /// As written: prefixes, a service tag, or what is left of one that was shortened.
        var destinations: [String]
        var hop: NextHopType
        /// As written.
        var hopText: String
        var nextHops: [IPAddress]
        /// Ranges of service tags that a user route names.
        var isOfServiceTag = false
        /// Its next hop is not there whole.
        var isShortened = false
    }

    /// Name of the file, for errors and for the NIC that it may name.
    package let name: String
    private(set) var rows: [Row] = []
    /// Why rows may be missing; nil where the answer is whole.
    var gap: String?
    /// Lines of a table that look like rows and cannot be read, counted from 1.
    var unreadLines: [Int] = []
    /// False where further pages follow, or the tool that printed it left something out.
    package var isWhole: Bool { gap == nil }

    /// Reads the bytes of a file, in UTF-8, or in UTF-16 as old PowerShell writes it.
    package init(name: String, bytes: [UInt8]) throws(VerificationError) {
        self.name = name
        let bytes = ResourceSet.transcoded(bytes) ?? bytes
        var scanner = JSONScanner()
        do {
            try scanner.begin(bytes.span)
        } catch {
            throw refusal("cannot be read: \(error)")
        }
        switch scanner.peek(bytes.span) {
        case UInt8(ascii: "{")?, UInt8(ascii: "[")?: try readJSON(bytes)
        default: try readText(String(decoding: bytes[scanner.position...], as: UTF8.self))
        }
        guard !rows.isEmpty else {
            throw VerificationError(
                code: .noRows, subject: name, cause: "holds no effective route",
                hint: "Azure tells them of NICs of running machines only")
        }
    }

    // MARK: JSON

    private mutating func readJSON(_ bytes: [UInt8]) throws(VerificationError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes).lowerCasedKeys()
        } catch {
            throw refusal("is no JSON: \(error)")
        }
        for key in ["nextlink", "skip_token", "$skiptoken"] where value[key]?.string?.isEmpty == false {
            gap = "Azure's answer is not whole: further pages follow"
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
