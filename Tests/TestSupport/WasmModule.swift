// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Builds Wasm binaries byte by byte, good ones and bad ones (spec §5.5).
package struct WasmModule {
    /// The binary so far.
    package private(set) var bytes: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

    /// A module without sections, which is valid.
    package init() {}

    /// The smallest module.
    package static var empty: [UInt8] { WasmModule().bytes }

    /// The smallest plugin: a module that claims an ABI and has an allocator, which is all that proxies demand
    /// (`wasm.cc` of proxy-wasm-cpp-host).
    package static var plugin: [UInt8] { smallestPlugin.bytes }

    private static var smallestPlugin: WasmModule {
        func export(_ name: String, _ index: UInt8) -> [UInt8] { [UInt8(name.utf8.count)] + name.utf8 + [0, index] }
        var module = WasmModule()
        module.addSection(1, [2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f])
        module.addSection(3, [2, 0, 1])
        module.addSection(7, [2] + export("proxy_abi_version_0_2_1", 0) + export("malloc", 1))
        module.addSection(10, [2, 2, 0, 0x0b, 4, 0, 0x41, 0, 0x0b])
        return module
    }

    /// A plugin of exactly so many bytes, at least 96; its content is set by `seed`.
    package static func ofSize(_ size: Int, seed: UInt8 = 1) -> [UInt8] {
        var module = smallestPlugin
        // The id, a size in five bytes, and the name `pad` with its length stand before the padding.
        let padding = size - module.bytes.count - 1 - 5 - 4
        // A prime, so that no two pages are alike.
        let pattern = (0..<4099).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) &+ seed }
        var content = [3] + Array("pad".utf8)
        while content.count < padding + 4 { content += pattern.prefix(padding + 4 - content.count) }
        module.addSection(0, sizeWidth: 5, content)
        return module.bytes
    }

    /// Appends a section.
    ///
    /// - Parameters:
    ///   - id: The section's id.
    ///   - sizeWidth: In how many bytes the size is written; LEB128 may be longer than it must.
    ///   - content: What follows the size.
    package mutating func addSection(_ id: UInt8, sizeWidth: Int? = nil, _ content: [UInt8]) {
        bytes += [id] + Self.unsigned(content.count, width: sizeWidth) + content
    }

    /// An unsigned integer in LEB128.
    package static func unsigned(_ value: Int, width: Int? = nil) -> [UInt8] {
        var rest = value
        var encoded: [UInt8] = []
        repeat {
            encoded.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        } while rest > 0
        while let width, encoded.count < width { encoded.append(0x80) }
        encoded[encoded.count - 1] &= 0x7f
        return encoded
    }
}
