// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleCatalog

/// The plugin of `--demo`, built from `Examples/response-header` and embedded in the program.
enum DemoPlugin {
    /// It adds a response header, and is served where a gateway looks for its plugin.
    static let source = Source.embedded(.plugin, PackageResources.plugin_wasm)
}
