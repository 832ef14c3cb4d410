/// One file of the topology: an Azure export or an overlay, whole.
package struct TopologyDocument: Sendable {
    /// What problems call it: its path, as the operator gave it.
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
