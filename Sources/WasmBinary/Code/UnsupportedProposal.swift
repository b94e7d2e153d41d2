// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Proposals that V8 does not enable by default, by what they add to the binary format; a module that uses one is told its name.
enum UnsupportedProposal {
    /// The proposal that has an instruction; nil if none is known.
    static func ofInstruction(_ prefix: UInt8?, _ code: Int) -> String? {
        switch (prefix, code) {
        case (nil, 0xe0...0xe6): "stack switching"
        case (0xfb, 0x20...0x23): "custom descriptors"
        case (0xfb, 0x80...0xb7): "reference-typed strings"
        case (0xfc, 18): "memory control"
        case (0xfc, 19...22): "wide arithmetic"
        case (0xfd, 0x114...0x15f): "half-precision floats"
        case (0xfe, 0x4f...0x7f): "shared-everything threads"
        default: nil
        }
    }

    /// The proposal that has a value type or a heap type which begins with a byte; nil if none is known.
    static func ofValueType(_ byte: UInt8) -> String? {
        switch byte {
        case 0x60, 0x61, 0x66, 0x67: "reference-typed strings"
        case 0x62: "custom descriptors"
        case 0x65: "shared-everything threads"
        case 0x68, 0x75: "stack switching"
        default: nil
        }
    }

    /// The proposal that has a type in the type section which begins with a byte; nil if none is known.
    static func ofDefinedType(_ byte: UInt8) -> String? {
        switch byte {
        case 0x4c, 0x4d: "custom descriptors"
        case 0x5d: "stack switching"
        case 0x65: "shared-everything threads"
        default: nil
        }
    }

    /// The proposal that has a kind of import; nil if none is known.
    static func ofImport(_ kind: UInt8) -> String? {
        switch kind {
        case 0x20: "custom descriptors"
        case 0x7e, 0x7f: "compact imports"
        default: nil
        }
    }
}
