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

extension Target.Dependency {
    static let nioCore = Self.product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = Self.product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTP1 = Self.product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTP2 = Self.product(name: "NIOHTTP2", package: "swift-nio-http2")
    static let nioHPACK = Self.product(name: "NIOHPACK", package: "swift-nio-http2")
    static let nioTLS = Self.product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = Self.product(name: "NIOSSL", package: "swift-nio-ssl")
    static let metrics = Self.product(name: "Metrics", package: "swift-metrics")
    static let logging = Self.product(name: "Logging", package: "swift-log")
    static let lifecycle = Self.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
}

/// A room of the house and, beside it, its tests.
///
/// An arrow may only point down (ARCHITECTURE.md).
func room(
    _ name: String,
    on dependencies: [Target.Dependency] = [],
    testedWith testDependencies: [Target.Dependency] = []
) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, swiftSettings: strict),
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
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-http-structured-headers.git", from: "1.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: room("WasmBinary")
        + room(
            "Content",
            on: ["CPlatform", .nioCore, .product(name: "Crypto", package: "swift-crypto")]
        )
        + room("ModuleCatalog", on: ["Content", "WasmBinary", "CPlatform"])
        + room(
            "HTTPSemantics",
            on: ["Content", .product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers")]
        )
        + room("GatewayConfiguration", on: ["Content"], testedWith: [.product(name: "Yams", package: "Yams")])
        + room("WasmService", on: ["GatewayConfiguration", "ModuleCatalog", "HTTPSemantics", "Content"])
        + room(
            "HTTPTransport",
            on: [
                "HTTPSemantics", "ServerClient", "Content", "CPlatform",
                .nioCore, .nioPosix, .nioHTTP2, .nioHPACK, .nioTLS, .nioSSL,
                .logging, .lifecycle,
                .product(name: "NIOExtras", package: "swift-nio-extras"),
            ],
            testedWith: ["WasmService", "ModuleCatalog", .product(name: "NIOEmbedded", package: "swift-nio")]
        )
        + room(
            "ServerClient",
            on: [
                "CPlatform", .nioCore, .nioPosix, .nioHTTP1, .nioHTTP2, .nioHPACK, .nioTLS, .nioSSL,
            ]
        )
        + room(
            "Probe",
            on: ["ServerClient", "Content", .nioCore],
            testedWith: [.nioPosix, .nioHTTP1]
        )
        + room(
            "Siblings",
            on: [
                "ModuleCatalog", "ServerClient", "Content", "CPlatform", .nioCore, .nioPosix, .nioSSL, .nioHTTP1,
            ]
        )
        + room("Operations", on: ["ModuleCatalog", "HTTPSemantics", "Content", "CPlatform", .logging, .metrics])
        + [
            .target(name: "CPlatform"),
            .executableTarget(
                name: "wasm-server",
                dependencies: [
                    "CPlatform", "Content", "ModuleCatalog", "ServerClient", "Siblings", "HTTPSemantics", "Probe",
                    "GatewayConfiguration", "WasmService",
                    "HTTPTransport", "Operations",
                    .logging, .lifecycle,
                    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                    .product(name: "ArgumentParser", package: "swift-argument-parser"),
                    .product(name: "Configuration", package: "swift-configuration"),
                    .product(name: "Yams", package: "Yams"),
                    .product(name: "SystemPackage", package: "swift-system"),
                ],
                resources: [.embedInCode("Demo/plugin.wasm")],
                swiftSettings: strict
            ),
            .testTarget(
                name: "CommandTests",
                dependencies: ["wasm-server", "GatewayConfiguration", "HTTPTransport", "ServerClient", "TestSupport"],
                swiftSettings: strict
            ),
            .testTarget(
                name: "EndToEnd",
                dependencies: ["wasm-server", "TestSupport", .product(name: "Yams", package: "Yams")],
                swiftSettings: strict
            ),
            .target(name: "CTestPlatform", path: "Tests/CTestPlatform"),
            .target(
                name: "TestSupport",
                dependencies: [
                    "CTestPlatform", "Content", "WasmBinary", .nioCore, .nioPosix, .nioHTTP2, .nioHPACK, .nioSSL,
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
    for room in rooms where room.name != "CPlatform" { room.swiftSettings = settings }
    let command = targets.filter { $0.type == .executable }.map { target in
        Target.target(
            name: target.name,
            dependencies: target.dependencies,
            exclude: ["WasmServerCommand.swift"],
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
    return rooms + command + [program]
}

if Context.environment["WASM_SERVER_FUZZ"] != nil {
    package.products = []
    package.targets = fuzzing(package.targets)
}
