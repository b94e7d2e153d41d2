// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// What a host offers to plugins, and what it demands of them.
///
/// What is said of Envoy was measured: modules with one import or export each were loaded by Envoy 1.36.2, 1.37.0, 1.38.2, 1.39.0,
/// 1.39.3 and 1.40.0 themselves. Others run an Envoy.
package struct HostProfile: Hashable, Sendable, CustomStringConvertible {
    /// As flags and messages name it: `envoy-1.40`.
    package let name: String
    /// The version of Envoy that it is.
    package let envoy: EnvoyVersion

    /// The largest memory that a plugin may ask for, in pages of 64 KiB: 1 GiB (`limits.h` of proxy-wasm-cpp-host).
    static let memoryPages: UInt64 = 16_384

    /// Its name.
    package var description: String { name }

    /// The most elements of an imported table, which the host makes (`wasm-limits.h` of V8).
    static let importedTableElements: UInt64 = 10_000_000
    /// The most elements of an exported table: V8's C interface ends the process at a number that needs more than 31 bits.
    static let exportedTableElements: UInt64 = 1 << 31 - 1

    /// A version of Envoy, as far as plugins can tell.
    package enum EnvoyVersion: String, CaseIterable, Comparable, Sendable {
        case v1_36 = "1.36"
        case v1_37 = "1.37"
        case v1_38 = "1.38"
        case v1_39 = "1.39"
        case v1_40 = "1.40"

        /// How far it offers WASI.
        var wasi: HostFunctions.WASILevel { self < .v1_39 ? .of2024 : .of2026 }

        /// Whether it calls `__main_void` beside `_initialize`.
        var callsMainVoid: Bool { self >= .v1_39 }

        /// Orders them by age.
        package static func < (left: EnvoyVersion, right: EnvoyVersion) -> Bool { left.rawValue < right.rawValue }
    }

    private init(name: String, envoy: EnvoyVersion) {
        (self.name, self.envoy) = (name, envoy)
    }

    /// Every version of Envoy that is known, the newest first.
    package static let envoys = EnvoyVersion.allCases.reversed().map {
        HostProfile(name: "envoy-\($0.rawValue)", envoy: $0)
    }

    /// Istio's proxies: each minor version is built of a branch of Envoy (istio.io, Supported Releases).
    private static let istio = [
        ("1.31", EnvoyVersion.v1_39), ("1.30", .v1_38), ("1.29", .v1_37), ("1.28", .v1_36),
    ].map { HostProfile(name: "istio-\($0)", envoy: $1) }

    /// Envoy Gateway's proxies, by its compatibility matrix (gateway.envoyproxy.io).
    private static let envoyGateway = [
        ("1.9", EnvoyVersion.v1_39), ("1.8", .v1_38), ("1.7", .v1_37), ("1.6", .v1_36),
    ].map { HostProfile(name: "envoy-gateway-\($0)", envoy: $1) }

    /// All that are known, in the order in which they are listed.
    package static let all = envoys + istio + envoyGateway

    /// What holds unless something else is said: the newest Envoy.
    package static let newest = envoys[0]

    /// The profile of a name; nil if none is known.
    package init?(named name: String) {
        guard let profile = Self.all.first(where: { $0.name == name }) else { return nil }
        self = profile
    }

    /// What a function takes and gives that the host offers to plugins of an ABI; nil if it offers none of that name.
    func function(_ name: String, of module: String, to abi: ABIVersion) -> FunctionSignature? {
        HostFunctions.function(name, of: module, to: abi, at: envoy.wasi)
    }
}
