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
    ///
    /// - Parameters:
    ///   - module: The module.
    ///   - largestKept: The largest module that is kept once it is replaced, in bytes; 0 if none is.
    init?(_ module: Module, largestKept: Int) {
        guard module.blob.count > Self.envoyLimit else {
            guard largestKept > 0, module.blob.count > largestKept else { return nil }
            description = """
                \(module.path.urlPath) has \(module.blob.count) bytes, and --retain-memory keeps at most \(largestKept): once \
                it is replaced, nobody can fetch it any more; raise --retain-memory
                """
            return
        }
        description = """
            \(module.path.urlPath) has \(module.blob.count) bytes, and Envoy accepts at most \(Self.envoyLimit) from a \
            remote source; build it smaller
            """
    }
}
