/// A name of a destination as clients ask for it: the public one, whose DNS record leads on to the one with
/// `privatelink` [learn: private-endpoint-dns].
struct AskedName: Hashable {
    /// As the export has it, in lower case.
    let written: String
    /// Without the label `privatelink`.
    let asked: String
    /// What servers are called where the zone has another name; else the same as `asked`.
    let alias: String

    init(_ name: String) {
        written = name.lowercased()
        asked = written.split(separator: ".").filter { $0 != "privatelink" }.joined(separator: ".")
        // Key Vault's zone is vaultcore, its servers are in vault.
        let zone = ".vaultcore.azure.net"
        alias = asked.hasSuffix(zone) ? "\(asked.dropLast(zone.count)).vault.azure.net" : asked
    }

    /// Whether a pattern of a rule holds for what clients ask for.
    func match(_ pattern: FQDNPattern) -> RuleMatch {
        let match = pattern.matches(asked)
        if case .no = match {} else { return match }
        if alias != asked, case .yes = pattern.matches(alias) { return .yes }
        guard written != asked else { return .no }
        if case .no = pattern.matches(written) { return .no }
        return .maybe("it names \(written), and clients ask for \(asked)")
    }
}
