/// Azure's own effective routes of a NIC against the model's table of its subnet.
package struct Verification: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case onlyInAzure = "only_in_azure"
        case onlyInModel = "only_in_model"
        case otherNextHop = "other_next_hop"
        /// `Active` on one side, `Invalid` on the other.
        case otherState = "other_state"
    }

    /// A route as one side has it: all rows of one prefix and source together.
    package struct Side: Sendable, Hashable {
        /// `user`, `bgp` or `system`.
        package var source: String
        package var isActive: Bool
        /// In the spelling of design 4.3; an unknown one as written.
        package var nextHopType: String
        /// Addresses, sorted: several are of equal cost.
        package var nextHops: [String]
    }

    package struct Difference: Sendable, Hashable {
        package var prefix: String
        package var kind: Kind
        package var azure: Side?
        package var azureReason: String
        package var model: Side?
        package var modelReason: String
    }

    /// What is on one side only, or not alike, and proves nothing.
    package struct NotCompared: Sendable, Hashable {
        package var prefix: String
        package var reason: String
    }

    /// Lower-cased ids.
    package var nic: String
    package var subnet: String
    /// `vnet/subnet`.
    package var subnetName: String
    /// Routes that both sides have, alike.
    package var agreeing: Int
    /// Sorted by prefix.
    package var differences: [Difference]
    /// Sorted by prefix.
    package var notCompared: [NotCompared]

    package var agrees: Bool { differences.isEmpty }
}
