// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What the paths of the data port are made of; ``ModuleIndex/path``, ``DigestPath`` and ``ManifestPath`` are the rest.
package enum InterfacePath {
    /// Whether there is a server.
    package static let health = "/health"
    /// What every module's path ends in.
    package static let moduleSuffix = ".wasm"
    /// What the path of a module's digest ends in, behind that.
    package static let digestSuffix = ".sha256"
    /// First components that belong to the interface itself: digest paths, and the OCI Distribution API.
    package static let reservedComponents: Set<String> = ["sha256", "v2"]
}
