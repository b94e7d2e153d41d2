// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why bytes are not a module that proxies load, and what a person can do about it.
///
/// It never repeats what the bytes say: they may be a key, and everybody who fetches is told.
package struct Diagnosis: Error, Hashable, Sendable {
    /// What is wrong, in words that follow "it" or a file's name.
    package let reason: String
    /// What to do.
    package let remedy: String
    /// Where, in bytes from the start; nil where it concerns all of them.
    package let offset: Int?

    init(_ reason: String, remedy: String, at offset: Int? = nil) {
        (self.reason, self.remedy, self.offset) = (reason, remedy, offset)
    }

    /// Judges bytes that are no valid core module; decoding them ended with an error.
    ///
    /// 1. What has no magic number is told by what it begins with, if that is known.
    /// 2. What has one, and is no module all the same, may bear the marks of how it was copied.
    /// 3. Otherwise the place where it stops being a module is told.
    package init(of bytes: Span<UInt8>, _ error: WasmBinaryError) {
        self = Self.diagnosis(of: bytes, error)
    }

    /// Examines bytes; nil if they are a valid core module.
    package init?(of bytes: Span<UInt8>) {
        do throws(WasmBinaryError) {
            _ = try CoreModule(decoding: bytes)
            return nil
        } catch {
            self.init(of: bytes, error)
        }
    }

    private static func diagnosis(of bytes: Span<UInt8>, _ error: WasmBinaryError) -> Diagnosis {
        guard bytes.count > 0 else {
            return Diagnosis("is empty", remedy: "its copy failed or is not complete; copy it again")
        }
        guard bytes.starts(with: SectionWalk.magic) else {
            guard let content = ForeignContent.recognized(in: bytes) else { return unusable(error) }
            return Diagnosis("is \(content.name), not a WebAssembly module", remedy: content.remedy)
        }
        // What is copied wrong is cut off or misplaced; it does not merely break a rule of types.
        let mayBeDamage = ![.component, .invalid, .tooLarge, .unsupported].contains(error.code)
        guard mayBeDamage, let damage = Damage.recognized(in: bytes, after: error.offset) else {
            return unusable(error)
        }
        return Diagnosis(
            "was a WebAssembly module, but \(damage.what)",
            remedy: damage.remedy,
            at: error.offset
        )
    }

    private static func unusable(_ error: WasmBinaryError) -> Diagnosis {
        let remedy =
            switch error.code {
            case .truncated: "its copy is not complete; copy it again"
            case .component: "build a core module: in Rust for wasm32-wasip1, and without `wasm-tools component new`"
            case .unsupported: "build it without that feature"
            case .tooLarge: "build it with less of that"
            default: "build or copy it again"
            }
        return Diagnosis("is not a usable WebAssembly module: \(error)", remedy: remedy, at: error.offset)
    }
}
