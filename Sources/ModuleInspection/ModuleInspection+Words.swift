// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ProxyWasm
package import WasmBinary

extension Feature {
    /// What its proposal is called.
    package var words: String {
        switch self {
        case .core: "1.0"
        case .multiValue: "multiple values"
        case .signExtension: "sign extension"
        case .saturatingConversions: "saturating conversions"
        case .bulkMemory: "bulk memory"
        case .referenceTypes: "reference types"
        case .simd: "SIMD"
        case .tailCalls: "tail calls"
        case .extendedConstants: "extended constants"
        case .multipleMemories: "multiple memories"
        case .functionReferences: "function references"
        case .garbageCollection: "garbage collection"
        case .legacyExceptions: "exceptions (legacy)"
        case .exceptions: "exceptions"
        case .relaxedSIMD: "relaxed SIMD"
        case .threads: "threads"
        case .memory64: "64-bit memory"
        }
    }
}

extension MemoryLimits {
    /// A page of memory, in bytes (spec §2.3.12).
    private static let page: UInt64 = 65_536

    /// What it has to begin with, in bytes; nil if that is more than fits into the number.
    package var minimumBytes: UInt64? {
        let (bytes, overflow) = minimum.multipliedReportingOverflow(by: Self.page)
        return overflow ? nil : bytes
    }

    /// Both limits in pages.
    package var text: String {
        let pages = minimum == 1 ? "1 page" : "\(minimum) pages"
        return "\(pages) of 64 KiB, \(maximum.map { "at most \($0)" } ?? "no maximum")"
    }
}

extension Toolchain {
    /// The languages and tools in a line; what is guessed is told as that.
    package var text: String {
        let guessed = guess.map { ["\($0) (guessed from its names)"] } ?? []
        let all = guessed + (languages + tools + sdks).map(\.text)
        return all.isEmpty ? "unknown" : all.joined(separator: ", ")
    }
}

extension ModuleInspection {
    /// What a function belongs to in the language that the module is written in: a crate, a package.
    package var ownerWords: (one: String, many: String) {
        let language = toolchain.languages.first?.name ?? toolchain.guess
        return switch language {
        case "Rust": ("crate", "crates")
        case "Go", "TinyGo": ("package", "packages")
        case "AssemblyScript": ("file", "files")
        default: ("namespace", "namespaces")
        }
    }

    /// The version of the ABI that counts: the first that hosts know; nil if there is none.
    package var abiVersion: String? { abiVersions.first { ABIVersion(rawValue: $0) != nil } }

    /// The version of the ABI in a line, and what is wrong with it.
    package var abiText: String {
        if let abiVersion { return abiVersion }
        let known = "it knows \(ABIVersion.allCases.map(\.rawValue).joined(separator: ", "))"
        guard let first = abiVersions.first else { return "none; Envoy loads no plugin without one" }
        return "\(first), which Envoy does not load; \(known)"
    }
}
