internal import Foundation

/// The absolute path of a file of this repository, whatever folder the tests run in.
package func repositoryPath(_ path: String) -> String {
    // Tests/TestSupport/Repository.swift: the root lies three steps up.
    let source = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    let root = source.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent(path).path
}

/// The bytes of a file of this repository, such as a fixture or an SQL file.
package func repositoryFile(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: repositoryPath(path))))
}
