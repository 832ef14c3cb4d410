internal import FlowModel

extension Topology {
    /// Holds Azure's effective routes of a NIC against the model's table of its subnet.
    ///
    /// `nic`: lower-cased id, as `interface(named:)` gives it.
    package func verify(effective: EffectiveRouteFile, nic: String) throws(VerificationError) -> Verification {
        guard let interface = network.interfaces[nic] else { throw unknown(nic) }
        guard let subnet = network.subnets[interface.subnet], network.vnets[subnet.vnet] != nil else {
            throw VerificationError(
                code: .unknownSubnet, subject: interface.name,
                cause: "its subnet is not in the export: \(interface.subnet)",
                hint: "export the VNet, too")
        }
        var verifier = Verifier(shared: shared, subnet: subnet, file: effective)
        return verifier.verification(of: nic)
    }

    /// The NIC of an id, of a name, or of a machine's name; the only one.
    package func interface(named text: String) throws(VerificationError) -> String {
        let id = canonicalID(text)
        if let interface = network.interfaces[id], interface.privateEndpoint == nil { return id }
        let named = candidates { $0.name.lowercased() == id }
        if !named.isEmpty { return try single(named, text) }
        return try single(candidates { $0.machine.map { lastPart($0).lowercased() == id } ?? false }, text)
    }

    /// The NIC whose name stands in the name of a file: `routes-app-nic.json`. A name inside a longer one that stands
    /// there, too, does not count: `app-nic` in `app-nic-2`.
    package func interface(namedInFile path: String) throws(VerificationError) -> String {
        let file = lastPart(path).lowercased()
        let found = candidates { stands($0.name.lowercased(), in: file) }
        let names = Set(found.compactMap { network.interfaces[$0]?.name.lowercased() })
        let longest = names.filter { name in !names.contains { $0 != name && $0.contains(name) } }
        return try single(
            found.filter { longest.contains(network.interfaces[$0]?.name.lowercased() ?? "") }, lastPart(path))
    }

    /// A private endpoint's NIC has no effective routes.
    private func candidates(where isMeant: (NetworkInterface) -> Bool) -> [String] {
        network.interfaces.values.filter { $0.privateEndpoint == nil && isMeant($0) }.map(\.id).sorted()
    }

    /// Between the ends and what is no letter and no digit.
    private func stands(_ name: String, in file: String) -> Bool {
        guard !name.isEmpty else { return false }
        return file.ranges(of: name).contains { range in
            let before = range.lowerBound == file.startIndex ? nil : file[file.index(before: range.lowerBound)]
            let after = range.upperBound == file.endIndex ? nil : file[range.upperBound]
            return [before, after].allSatisfy { $0.map { !$0.isLetter && !$0.isNumber } ?? true }
        }
    }

    private func single(_ ids: [String], _ text: String) throws(VerificationError) -> String {
        guard let id = ids.first else { throw unknown(text) }
        guard ids.count == 1 else {
            throw VerificationError(
                code: .ambiguousNIC, subject: text, cause: "names \(ids.count) NICs",
                hint: "say which one with --nic and its id: \(list(ids))")
        }
        return id
    }

    private func unknown(_ text: String) -> VerificationError {
        let ids = candidates { _ in true }
        let hint =
            ids.isEmpty
            ? "the topology holds no NIC: export network interfaces, too"
            : "say which one with --nic and its name or id: \(list(ids))"
        return VerificationError(code: .unknownNIC, subject: text, cause: "names no NIC of the topology", hint: hint)
    }

    private func list(_ ids: [String]) -> String {
        let shown = ids.prefix(10).joined(separator: ", ")
        return ids.count > 10 ? "\(shown) and \(ids.count - 10) more" : shown
    }
}
