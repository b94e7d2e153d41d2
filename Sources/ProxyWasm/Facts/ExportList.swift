// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import WasmBinary

/// What a module gives to its host: the functions that hosts look for, and those that look as if.
package struct ExportList: Hashable, Sendable {
    /// One exported function.
    package struct Function: Hashable, Sendable {
        /// Its name.
        package let name: String
        /// What it takes and gives.
        package let signature: FunctionSignature
        /// Where its name is, in bytes from the start of the binary.
        let offset: Int
        /// What may have been meant, of what hosts call: of one that they do not.
        var suggestion: String?
    }

    /// The most that are kept of those that no host calls.
    private static let mostUncalled = Objection.mostTold
    /// What the names of callbacks begin with.
    private static let callbackPrefix = "proxy_on_"

    /// The version of the ABI that the first such export claims; nil if none is known.
    package let abi: ABIVersion?
    /// The first version that is claimed and not known.
    let unknownABI: String?
    /// The functions that hosts know, by their names.
    package let functions: [String: Function]
    /// Functions that are named like callbacks, and hosts do not know.
    let uncalled: [Function]
    /// How many more there are of them.
    let unlistedCount: Int
    /// How many exports the module has in all.
    package let count: Int

    init(of module: CoreModule, _ bytes: Span<UInt8>) {
        var (abi, unknownABI): (ABIVersion?, String?) = (nil, nil)
        var (functions, uncalled): ([String: Function], [Function]) = ([:], [])
        var uncalledCount = 0
        for export in module.exports where export.kind == .function && Self.mayConcernHosts(export.name.range, bytes) {
            let name = PluginName(export.name.range, of: bytes)
            if name.text.hasPrefix(ABIVersion.exportPrefix) {
                if abi == nil { abi = ABIVersion(claimedBy: name.text) }
                if unknownABI == nil, ABIVersion(claimedBy: name.text) == nil { unknownABI = "\(name)" }
                continue
            }
            let isKnown = Callbacks.isKnown(name.text)
            let isUncalled = !isKnown && name.text.hasPrefix(Self.callbackPrefix)
            if isUncalled { uncalledCount += 1 }
            guard isKnown || (isUncalled && uncalled.count < Self.mostUncalled),
                let signature = module.signature(of: export)
            else { continue }
            var function = Function(
                name: "\(name)",
                signature: signature,
                offset: export.name.range.lowerBound
            )
            if isKnown {
                functions[function.name] = function
            } else {
                function.suggestion = EditDistance.slips(of: function.name, among: Callbacks.names, most: 1).first
                uncalled.append(function)
            }
        }
        (self.abi, self.unknownABI, self.functions, self.uncalled) = (abi, unknownABI, functions, uncalled)
        unlistedCount = uncalledCount - uncalled.count
        count = module.exports.count
    }

    /// Whether a name begins as those do that hosts look for; most names need not be read for that.
    private static func mayConcernHosts(_ name: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        guard let first = name.first else { return false }
        return bytes[first] == UInt8(ascii: "p") || bytes[first] == UInt8(ascii: "m")
            || bytes[first] == UInt8(ascii: "_")
            || bytes[first] == UInt8(ascii: "e")
    }
}
