/// A table that many share, and behind it the few elements that one owner adds: adding one copies nothing of the first.
///
/// A topology's tables hold hundreds of thousands of entries; a batch of rows knows a handful more.
package struct SharedTable<Element: Sendable>: Sendable, RandomAccessCollection {
    private let shared: [Element]
    private var own: [Element] = []

    package init(_ shared: [Element] = []) { self.shared = shared }

    package var startIndex: Int { 0 }
    package var endIndex: Int { shared.count + own.count }

    package subscript(position: Int) -> Element {
        position < shared.count ? shared[position] : own[position - shared.count]
    }

    package mutating func append(_ element: Element) { own.append(element) }
}
