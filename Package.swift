// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Of rooms that no fetch goes through: smaller code makes a smaller image, and nobody waits for it.
let compact: [SwiftSetting] = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

extension Target.Dependency {
    static let nioCore = Self.product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = Self.product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTP1 = Self.product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTP2 = Self.product(name: "NIOHTTP2", package: "swift-nio-http2")
    static let nioHPACK = Self.product(name: "NIOHPACK", package: "swift-nio-http2")
    static let nioTLS = Self.product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = Self.product(name: "NIOSSL", package: "swift-nio-ssl")
    static let asn1 = Self.product(name: "SwiftASN1", package: "swift-asn1")
    static let metrics = Self.product(name: "Metrics", package: "swift-metrics")
    static let logging = Self.product(name: "Logging", package: "swift-log")
    static let lifecycle = Self.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
}

/// What packages bring along, in exact versions as well.
///
/// Otherwise the newest of them would be taken, and the same sources would not be the same program tomorrow. A version can be
/// said only of what some target names; so one names them, for a platform that this is not built for, and nothing of them is
/// built that would not be anyway.
let broughtAlong: [(repository: String, version: Version, product: String)] = [
    ("swift-algorithms", "1.2.1", "Algorithms"),
    ("swift-async-algorithms", "1.1.4", "AsyncAlgorithms"),
    ("swift-atomics", "1.3.0", "Atomics"),
    ("swift-certificates", "1.21.1", "X509"),
    ("swift-collections", "1.6.0", "Collections"),
    ("swift-crypto", "4.5.2", "Crypto"),
    ("swift-http-types", "1.8.0", "HTTPTypes"),
    ("swift-numerics", "1.1.1", "Numerics"),
]

/// What is told to the compiler of the sources that it builds (Scripts/version): the version, and the commit.
let build: [CSetting] = ["BUILD_VERSION", "BUILD_REVISION"].compactMap { name in
    Context.environment["WASM_SERVER_\(name)"].flatMap { $0.isEmpty ? nil : .define(name, to: "\"\($0)\"") }
}

/// A room of the house and, beside it, its tests.
///
/// An arrow may only point down (ARCHITECTURE.md).
func room(
    _ name: String,
    on dependencies: [Target.Dependency] = [],
    embedding resources: [String] = [],
    compiledAs settings: [SwiftSetting] = strict,
    testedWith testDependencies: [Target.Dependency] = []
) -> [Target] {
    [
        .target(
            name: name,
            dependencies: dependencies,
            resources: resources.map { .embedInCode($0) },
            swiftSettings: settings
        ),
        .testTarget(
            name: "\(name)Tests",
            dependencies: [.target(name: name), "TestSupport"] + dependencies + testDependencies,
            swiftSettings: strict
        ),
    ]
}

let package = Package(
    name: "wasm-server",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "wasm-server", targets: ["wasm-server"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-asn1.git", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-structured-headers.git", exact: "1.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system.git", exact: "1.8.1"),
    ]
        + broughtAlong.map { .package(url: "https://github.com/apple/\($0.repository).git", exact: $0.version) },
    targets: room("WasmBinary")
        + room("Ticks")
        + room("HPACK", testedWith: [.nioCore, .nioHPACK])
        + room("YAMLSyntax", on: ["CYAML"], compiledAs: compact)
        + room("ProxyWasm", on: ["WasmBinary", "Content"])
        + room(
            "Content",
            on: ["CPlatform", "CSHA256", .nioCore]
        )
        + room(
            "HTTPSemantics",
            on: ["Content", .product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers")]
        )
        + room("HTTPService", on: ["HTTPSemantics", "HPACK", "Content"])
        + room("HTTPProtocol", on: ["HTTPService", "HTTPSemantics", "HPACK", "Content", "CPlatform"])
        + room("ServerInterface", on: ["HTTPSemantics", "Content"], compiledAs: compact)
        + room(
            "Credentials",
            on: ["HTTPSemantics", "Content", "Ticks", "CPlatform", .nioCore, .nioSSL, .asn1, .lifecycle]
        )
        + room("ModuleCatalog", on: ["ServerInterface", "ProxyWasm", "Content", "CPlatform"])
        + room("ModuleInspection", on: ["ProxyWasm", "WasmBinary", "CPlatform"], compiledAs: compact)
        + room("GatewayConfiguration", on: ["YAMLSyntax", "Content"], compiledAs: compact)
        + room("Fleet", on: ["HTTPService", "HTTPSemantics", "ServerInterface", "Content", "CPlatform"])
        + room(
            "WasmService",
            on: [
                "GatewayConfiguration", "ModuleCatalog", "ServerInterface", "HTTPService", "HTTPSemantics", "ProxyWasm",
                "Content",
            ]
        )
        + room(
            "HTTPTransport",
            on: [
                "HTTPProtocol", "HTTPService", "HTTPSemantics", "ServerClient", "Credentials", "Content", "CPlatform",
                .nioCore, .nioPosix, .nioTLS, .nioSSL, .logging, .lifecycle,
            ],
            testedWith: ["WasmService", "ModuleCatalog", .product(name: "NIOEmbedded", package: "swift-nio")]
        )
        + room(
            "ServerClient",
            on: [
                "ServerInterface", "Credentials", "Content", "CPlatform", .nioCore, .nioPosix, .nioHTTP1, .nioHTTP2,
                .nioHPACK, .nioTLS,
                .nioSSL,
            ],
            testedWith: [.product(name: "NIOEmbedded", package: "swift-nio")]
        )
        + room(
            "Probe",
            on: [
                "GatewayConfiguration", "ServerClient", "ServerInterface", "ProxyWasm", "Credentials", "Content",
                "CPlatform", "CVersion", "WasmBinary", .nioCore,
            ],
            compiledAs: compact,
            testedWith: [.nioPosix, .nioHTTP1]
        )
        + room(
            "Peers",
            on: [
                "ModuleCatalog", "ServerClient", "ServerInterface", "Content", .nioCore, .nioPosix, .nioSSL,
            ],
            testedWith: ["Credentials", .nioHTTP1]
        )
        + room(
            "StatusPage",
            on: ["GatewayConfiguration", "ServerInterface", "HTTPSemantics", "Content"],
            embedding: ["Resources/page.css", "Resources/page.js"],
            compiledAs: compact
        )
        + room(
            "Tracing",
            on: [
                "HTTPService", "HTTPSemantics", "ServerClient", "ServerInterface", "Content", "CPlatform", "Ticks",
            ],
            testedWith: [.nioCore, .nioPosix, .nioHTTP1]
        )
        + room(
            "Operations",
            on: ["ModuleCatalog", "HTTPService", "HTTPSemantics", "Content", "CPlatform", .logging, .metrics],
            testedWith: ["WasmService"]
        )
        + [
            .target(name: "CPlatform"),
            // It names no package of pkg-config, which would have the shared library linked as well (module.modulemap).
            .systemLibrary(name: "CYAML"),
            .target(name: "CSHA256", dependencies: [.nioSSL]),
            // A target of its own, so that another commit has two functions compiled and not the program.
            .target(
                name: "CVersion",
                dependencies: broughtAlong.map {
                    .product(name: $0.product, package: $0.repository, condition: .when(platforms: [.windows]))
                },
                cSettings: build
            ),
            .executableTarget(
                name: "wasm-server",
                dependencies: [
                    "CPlatform", "CVersion", "Content", "Credentials", "Fleet", "ModuleCatalog",
                    "ServerClient", "ServerInterface", "ProxyWasm", "Peers", "HTTPService", "HTTPSemantics",
                    "ModuleInspection", "Probe", "WasmBinary",
                    "GatewayConfiguration", "WasmService", "YAMLSyntax",
                    "HTTPProtocol", "HTTPTransport", "Operations", "StatusPage", "Ticks", "Tracing",
                    .logging, .lifecycle,
                    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                    .product(name: "ArgumentParser", package: "swift-argument-parser"),
                    .product(name: "SystemPackage", package: "swift-system"),
                ],
                resources: [.embedInCode("Demo/plugin.wasm")],
                swiftSettings: compact
            ),
            .testTarget(
                name: "CommandTests",
                dependencies: [
                    "wasm-server", "Credentials", "Fleet", "GatewayConfiguration", "HTTPProtocol", "HTTPSemantics",
                    "HTTPService",
                    "HTTPTransport",
                    "ModuleCatalog",
                    "ModuleInspection", "Operations",
                    "Peers", "Probe", "ProxyWasm", "ServerClient", "ServerInterface", "TestSupport", "Tracing",
                    .product(name: "ArgumentParser", package: "swift-argument-parser"),
                ],
                swiftSettings: strict
            ),
            .testTarget(
                name: "EndToEnd",
                dependencies: ["wasm-server", "Credentials", "TestSupport", .nioSSL],
                swiftSettings: strict
            ),
            // What `make fuzz` builds with a fuzzer in it (below); here, every test run gives it the inputs that are known.
            .testTarget(
                name: "FuzzTests",
                dependencies: [
                    "wasm-server", "Content", "Credentials", "Fleet", "GatewayConfiguration", "HPACK", "HTTPProtocol",
                    "HTTPSemantics", "HTTPService", "HTTPTransport",
                    "ModuleCatalog", "ModuleInspection", "Operations", "Peers", "ProxyWasm", "ServerClient",
                    "ServerInterface", "Tracing", "WasmBinary", "WasmService", "YAMLSyntax", .logging,
                ],
                path: "Fuzz",
                exclude: ["Corpus", "Regressions", "Sources/LibFuzzer.swift"],
                sources: ["Sources", "Tests"],
                swiftSettings: strict
            ),
            .target(name: "CTestPlatform", path: "Tests/CTestPlatform"),
            .target(
                name: "TestSupport",
                dependencies: [
                    "CTestPlatform", "Content", "HTTPService", "WasmBinary", .nioCore, .nioPosix, .nioHTTP2, .nioHPACK,
                    .nioSSL,
                    .product(name: "NIOHTTP1", package: "swift-nio"),
                ],
                path: "Tests/TestSupport",
                swiftSettings: strict
            ),
        ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)

/// The targets that `make fuzz` builds: the rooms, and one program that fuzzes their parsers.
///
/// libFuzzer brings a `main`, so the command becomes a library without its own.
func fuzzing(_ targets: [Target]) -> [Target] {
    // Of the two sanitizers that the build names, the Swift compiler would take only the last.
    let settings = strict + [.unsafeFlags(["-sanitize=fuzzer,address"])]
    let rooms = targets.filter { $0.type == .regular && $0.name != "TestSupport" && $0.name != "CTestPlatform" }
    for room in rooms where !["CPlatform", "CSHA256", "CVersion"].contains(room.name) { room.swiftSettings = settings }
    let command = targets.filter { $0.type == .executable }.map { target in
        Target.target(
            name: target.name,
            dependencies: target.dependencies,
            exclude: ["Commands/WasmServerCommand.swift"],
            resources: target.resources,
            swiftSettings: settings
        )
    }
    let program = Target.executableTarget(
        name: "Fuzz",
        dependencies: (rooms + command).map { .target(name: $0.name) } + [.logging],
        path: "Fuzz/Sources",
        swiftSettings: settings
    )
    return targets.filter { $0.type == .system } + rooms + command + [program]
}

if Context.environment["WASM_SERVER_FUZZ"] != nil {
    package.products = []
    package.targets = fuzzing(package.targets)
}
