// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleInspection

extension ModuleInspection {
    /// The fewest bytes of names that are worth a word: those of a small plugin are worth their room.
    private static let fewestNames = 10 << 10

    /// What is worth knowing, and what to do about it; a sentence each.
    var advice: [String] {
        var advice = remarks
        let debug = debugSections.reduce(0) { $0 + $1.size }
        if debug > 0 {
            advice.append(
                "Debug sections take \(SizeText.human(debug)) (\(SizeText.share(debug, of: size))), which no proxy reads: build without debug information, or take them out (`wasm-tools strip`)."
            )
        }
        if nameSectionSize * 50 > size, nameSectionSize > Self.fewestNames {
            advice.append(
                "Names take \(SizeText.human(nameSectionSize)) (\(SizeText.share(nameSectionSize, of: size))). They serve stack traces; `wasm-tools strip --all` takes them out."
            )
        }
        if !functions.isEmpty, functions.allSatisfy({ $0.name == nil }) {
            advice.append("No function has a name: build with a name section to see what takes the room.")
        }
        for section in precompiledSections {
            advice.append(
                "\"\(section.name)\" may have native code, which hosts with `allow_precompiled` run without verifying it: build without it."
            )
        }
        if capabilities.last?.capability == .unknown {
            advice.append("Envoy does not load a plugin with a function that it does not offer; `check` tells which.")
        }
        return advice
    }
}
