// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import WasmBinary

/// What rules ask of a module's bytes: a few numbers, however many sections there are.
package struct ModuleFacts: Hashable, Sendable {
    /// In bytes.
    package let size: Int
    /// How many bytes the sections of each kind have as their content; a kind that is not there is missing.
    package let sectionSizes: [Section.Kind: Int]

    /// The facts of a module; fails if the bytes are no valid core module.
    package init(of bytes: Span<UInt8>) throws(Diagnosis) {
        var sizes: [Section.Kind: Int] = [:]
        do throws(WasmBinaryError) {
            _ = try CoreModule(decoding: bytes) { sizes[$0.kind, default: 0] += $0.content.count }
        } catch {
            throw Diagnosis(of: bytes, error)
        }
        (size, sectionSizes) = (bytes.count, sizes)
    }
}
