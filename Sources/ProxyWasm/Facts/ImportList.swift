// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import WasmBinary

/// What a module takes from its host, as far as it decides whether a host loads it.
///
/// A module may have a million imports, and hosts offer some hundred functions, each with one type. So what is kept of a function that some
/// host offers is its first import, and the first with another type; of all others are kept the first.
package struct ImportList: Hashable, Sendable {
    /// One import.
    package struct Item: Hashable, Sendable, CustomStringConvertible {
        /// The name of the module that it is taken from.
        package let module: PluginName
        /// Its name there.
        package let name: PluginName
        /// What it has to be.
        package let kind: CoreModule.Kind
        /// What it has to take and give; nil if it is no function.
        package let signature: FunctionSignature?
        /// Where it is, in bytes from the start of the binary.
        let offset: Int
        /// What may have been meant, of what hosts offer: of the first that no host offers.
        var suggestion: String?

        /// As Envoy's log names it: `env.proxy_log`.
        package var description: String { "\(module).\(name)" }
    }

    /// The most that are kept of those that no host offers.
    private static let mostUnknown = 256

    /// Functions and globals, in their order.
    package private(set) var items: [Item] = []
    /// How many further functions and globals there are that no host offers.
    package private(set) var unlistedCounts: [CoreModule.Kind: Int] = [:]
    /// The first function whose type is open to subtypes, below another, or in a group with others; nil if there is none.
    private(set) var withoutPlainType: Item?
    /// How many functions are among them, listed or not.
    let functionCount: Int
    /// How many imports the module has in all, of every kind.
    package let count: Int

    init(of module: CoreModule, _ bytes: Span<UInt8>, claiming abi: ABIVersion?) {
        count = module.imports.count
        functionCount = module.imports.count { $0.kind == .function }
        var unknownCount = 0
        var known: [Place: Known] = [:]
        for entry in module.imports where entry.kind == .function || entry.kind == .global {
            let item = Item(
                module: PluginName(entry.module.range, of: bytes),
                name: PluginName(entry.name.range, of: bytes),
                kind: entry.kind,
                signature: nil,
                offset: entry.module.range.lowerBound
            )
            if withoutPlainType == nil, !module.hasPlainType(entry) { withoutPlainType = item }
            guard entry.kind == .function, HostFunctions.isKnown(item.name.text, of: item.module.text) else {
                if unknownCount < Self.mostUnknown {
                    var item = item.with(module.signature(of: entry))
                    if unknownCount < Objection.mostTold, entry.kind == .function {
                        item.suggestion = HostFunctions.suggestion(for: item, to: abi ?? .v0_2_1)
                    }
                    items.append(item)
                    unknownCount += 1
                } else {
                    unlistedCounts[entry.kind, default: 0] += 1
                }
                continue
            }
            if let signature = known[Place(item), default: Known()].add(entry, of: module) {
                items.append(item.with(signature))
            }
        }
    }

    /// Whether it can end its process, as programs do that run and end.
    var hasExit: Bool {
        items.contains { HostFunctions.wasiModules.contains($0.module.text) && $0.name.text == "proc_exit" }
    }

    /// Where a function is taken from.
    private struct Place: Hashable {
        let module: PluginName
        let name: PluginName

        init(_ item: Item) { (module, name) = (item.module, item.name) }
    }

    /// What is known of the imports of one function so far.
    private struct Known {
        private var signatures: [FunctionSignature] = []
        private var types: Set<Int> = []

        /// Takes an import into account.
        ///
        /// - Returns: What it takes and gives, if it is the first, or the first that differs.
        mutating func add(_ entry: CoreModule.Import, of module: CoreModule) -> FunctionSignature? {
            guard signatures.count < 2, let type = module.typeIndex(of: entry), types.insert(type).inserted,
                let signature = module.signature(of: entry), !signatures.contains(signature)
            else { return nil }
            signatures.append(signature)
            return signature
        }
    }
}

extension ImportList.Item {
    /// The same, with what it has to take and give.
    fileprivate func with(_ signature: FunctionSignature?) -> ImportList.Item {
        ImportList.Item(module: module, name: name, kind: kind, signature: signature, offset: offset)
    }
}

/// A name in a module, as long as hosts may know it.
package struct PluginName: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes that are kept: more than any name has that hosts know.
    private static let longest = 96

    /// The name, or its beginning.
    package let text: String
    private let isWhole: Bool

    init(_ range: Range<Int>, of bytes: Span<UInt8>) {
        isWhole = range.count <= Self.longest
        text = String(decoding: range.prefix(Self.longest).map { bytes[$0] }, as: UTF8.self)
    }

    /// The name for people: whatever could disturb a terminal or a log is escaped.
    package var description: String {
        isWhole ? text.printable : "\(text.printable)…"
    }
}
