// swift-tools-version: 6.2
import PackageDescription

// One release build serves demo, benchmarks and tests: modules meet through `package` access, never `@testable`.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func module(_ group: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(group)/\(name)",
        exclude: documents[name] ?? [], swiftSettings: settings)
}

func test(_ group: String, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + [.byName(name: name)],
        path: "Tests/\(group)/\(name)Tests", swiftSettings: settings)
}

/// Pages that stand beside the code they describe.
let documents: [String: [String]] = [
    "Topology": ["DESIGN.md"],
    "Store": ["DESIGN.md"],
    "Detect": ["README.md"],
]

let package = Package(
    name: "flowsight",
    products: [
        .executable(name: "flowsight", targets: ["flowsight"]),
        .executable(name: "flowgen", targets: ["flowgen"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibPQ", path: "Sources/Common/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/Common/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CLibCrypto", path: "Sources/Common/CLibCrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),

        module("Common", "FlowModel"),
        module("Common", "Digest", ["CLibCrypto", "FlowModel"]),
        module("Common", "Runtime"),
        module("Common", "Postgres", ["CLibPQ", "Runtime"]),

        module("Ingest", "Inflate", ["CZlib"]),
        module("Ingest", "Decode", ["FlowModel", "Digest"]),
        module("Ingest", "Tail", ["FlowModel", "Digest", "Runtime", "Inflate", "Decode"]),
        module("Ingest", "Locate", ["FlowModel"]),
        .target(
            name: "Store", dependencies: ["FlowModel", "Digest", "Postgres", "Runtime"], path: "Sources/Ingest/Store",
            exclude: documents["Store"] ?? [],
            // A link to Schemas/sql: the program carries its migrations.
            resources: [.embedInCode("sql")], swiftSettings: settings),

        module("Inspect", "Topology", ["FlowModel", "Digest"]),
        module("Inspect", "Correlate", ["FlowModel", "Topology"]),
        module("Inspect", "Detect", ["FlowModel", "Topology", "Correlate", "Digest"]),

        module("Outlet", "Ledger", ["FlowModel", "Postgres", "Runtime"]),
        module("Outlet", "Notify", ["FlowModel", "Digest", "Runtime", "Postgres", "Ledger"]),

        .executableTarget(
            name: "flowsight",
            dependencies: [
                "FlowModel", "Digest", "Runtime", "Postgres", "Inflate", "Decode", "Tail", "Locate", "Store",
                "Topology", "Correlate", "Detect", "Ledger", "Notify",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "flowgen",
            dependencies: ["CZlib", "CLibCrypto", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),

        .executableTarget(
            name: "TopologyBenchmark", dependencies: ["FlowModel", "Locate", "Topology", "Correlate", "Detect"],
            path: "Benchmarks/TopologyBenchmark",
            swiftSettings: settings),

        .target(
            name: "TestSupport", dependencies: ["CZlib", "Postgres", "Runtime"], path: "Tests/TestSupport",
            swiftSettings: settings),
        test("Common", "FlowModel", ["Runtime"]),
        test("Common", "Digest", ["FlowModel"]),
        test("Common", "Runtime", ["TestSupport"]),
        test("Common", "Postgres", ["Runtime", "TestSupport"]),
        test("Ingest", "Inflate", ["Runtime", "TestSupport"]),
        test("Ingest", "Decode", ["FlowModel", "Digest", "Runtime"]),
        test("Ingest", "Tail", ["FlowModel", "Digest", "Runtime", "Inflate", "Decode", "TestSupport"]),
        test("Ingest", "Locate", ["FlowModel"]),
        test("Ingest", "Store", ["FlowModel", "Digest", "Postgres", "Runtime", "TestSupport"]),
        test("Inspect", "Topology", ["FlowModel", "Runtime"]),
        test("Inspect", "Correlate", ["FlowModel", "Topology", "Locate"]),
        test("Inspect", "Detect", ["FlowModel", "Topology", "Correlate", "Locate"]),
        test("Outlet", "Ledger", ["FlowModel", "Postgres", "Runtime", "Store", "TestSupport"]),
        test("Outlet", "Notify", ["FlowModel", "Digest", "Runtime", "Postgres", "Ledger", "Store", "TestSupport"]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["flowsight", "flowgen", "Postgres", "Runtime", "TestSupport"],
            path: "Tests/EndToEndTests", swiftSettings: settings),
    ]
)
