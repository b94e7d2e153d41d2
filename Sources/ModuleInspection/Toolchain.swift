// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// What made a module: what it says itself, and what it is taken for where it says nothing.
package struct Toolchain: Hashable, Sendable {
    /// One tool, language or library with its version.
    package struct Tool: Hashable, Sendable {
        /// What it is called.
        package let name: String
        /// Its version; nil if it is not said.
        package let version: String?

        /// The name as people write it, and the version without the place of its source, which clang adds.
        package var text: String {
            // DWARF names languages so (`DW_LANG_C_plus_plus_14`).
            let name =
                name.hasPrefix("C_plus_plus") ? name.replacing("C_plus_plus", with: "C++").filter { $0 != "_" } : name
            guard let version else { return name }
            let parts = version.split(separator: " ", omittingEmptySubsequences: true)
            let isClang = parts.count > 1 && parts[1].hasPrefix("(http")
            return "\(name) \(isClang ? String(parts[0]) : version)"
        }
    }

    /// The languages that it is written in.
    package private(set) var languages: [Tool] = []
    /// The compilers and linkers.
    package private(set) var tools: [Tool] = []
    /// The libraries that it was made with.
    package private(set) var sdks: [Tool] = []
    /// What it is taken for by its names, as it does not say its language.
    package private(set) var guess: String?
    /// What the compiler was told to use of WebAssembly.
    package private(set) var targetFeatures: [String] = []

    /// Whether names are those of Go: a package, a dot, a function.
    var isGo: Bool { languages.contains { $0.name == "Go" } || guess == Self.tinyGo || guess == Self.go }

    private static let tinyGo = "TinyGo"
    private static let go = "Go"
    private static let assemblyScript = "AssemblyScript"
    private static let longestName = 200
    /// The most functions whose names are looked at for marks of a toolchain.
    private static let mostNames = 20_000

    /// What a module says of its tools.
    init(of anatomy: ModuleAnatomy, _ bytes: Span<UInt8>) {
        for entry in anatomy.producers?.entries ?? [] {
            let version = bytes.text(entry.version, most: Self.longestName)
            let name = bytes.text(entry.name, most: Self.longestName)
            let tool = Tool(name: name, version: version.isEmpty ? nil : version)
            switch bytes.text(entry.field, most: Self.longestName) {
            case "language": languages.append(tool)
            case "sdk": sdks.append(tool)
            default: tools.append(tool)
            }
        }
        targetFeatures = anatomy.targetFeatures?.used.map { bytes.text($0, most: Self.longestName) } ?? []
        if languages.isEmpty { guess = Self.guess(anatomy, bytes) }
    }

    private static func guess(_ anatomy: ModuleAnatomy, _ bytes: Span<UInt8>) -> String? {
        if anatomy.sections.contains(where: { $0.name == "go:buildid" }) { return go }
        if let names = anatomy.names {
            for index in 0..<min(anatomy.importedFunctionCount + anatomy.bodies.count, mostNames) {
                guard let range = names.function(index) else { continue }
                if let language = language(ofName: bytes.text(range, most: longestName)) { return language }
            }
        }
        let exports = anatomy.module.exports.prefix(mostNames).map { bytes.text($0.name.range, most: longestName) }
        // Its garbage collector, for whoever calls into it (AssemblyScript, "Using the runtime").
        return exports.contains("__pin") && exports.contains("__unpin") ? assemblyScript : nil
    }

    private static func language(ofName name: String) -> String? {
        if name.hasPrefix("tinygo_") || name.hasPrefix("runtime.") { return tinyGo }
        if name.hasPrefix("~lib/") { return assemblyScript }
        if name.hasPrefix("_R") || name.hasPrefix("_ZN4core") || name.hasPrefix("_ZN5alloc") { return "Rust" }
        if name.hasPrefix("std::__") || name.hasPrefix("_ZNSt3__") { return "C++" }
        return nil
    }
}
