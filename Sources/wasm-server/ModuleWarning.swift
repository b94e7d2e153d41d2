// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog

/// What a person should know of a module that is served all the same.
struct ModuleWarning: CustomStringConvertible {
    /// The largest module that Envoy takes from a remote source, in bytes (`kBufferLimitForResponse`).
    private static let envoyLimit = 32 << 20

    let description: String

    /// A warning, if the module gives cause for one.
    init?(_ module: Module) {
        guard module.blob.count > Self.envoyLimit else { return nil }
        description = """
            \(module.path.urlPath) has \(module.blob.count) bytes, and Envoy takes at most \(Self.envoyLimit) from a \
            remote source; build it smaller
            """
    }
}
