/// Texts that repeat in millions of rows, kept once and known by a small number.
///
/// The numbers depend on the order of arrival: they never order or identify anything that leaves the module.
package struct NameTable: Sendable {
    private var numbers: [String: Int32] = [:]
    private var names: [String] = []
    private let limit: Int

    /// - Parameter limit: texts that are kept; further ones are not told apart (`unknown`).
    package init(limit: Int = 200_000) { self.limit = limit }

    /// Stands for every text beyond the limit.
    package static let unknown: Int32 = -1

    package mutating func number(_ name: String) -> Int32 {
        if let number = numbers[name] { return number }
        guard names.count < limit else { return NameTable.unknown }
        let number = Int32(names.count)
        names.append(name)
        numbers[name] = number
        return number
    }

    package func number(of name: String) -> Int32? { numbers[name] }

    package subscript(number: Int32) -> String { number < 0 ? "" : names[Int(number)] }
}
