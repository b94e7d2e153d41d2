// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Where a gateway's configuration names a module, and what it says of it.
package struct ModuleReference: Hashable, Sendable {
    /// Where it stands.
    package let place: ManifestPlace
    /// The module's URL, as it is written.
    package let url: String
    /// The sha256, as it is written; nil if there is none.
    package let sha256: String?
    /// Who fetches the module.
    package let fetcher: ModuleFetcher

    /// A reference from its parts.
    package init(place: ManifestPlace, url: String, sha256: String?, fetcher: ModuleFetcher) {
        (self.place, self.url, self.sha256, self.fetcher) = (place, url, sha256, fetcher)
    }
}

/// Who fetches a module that a gateway's configuration names, and how often it tries.
package enum ModuleFetcher: Hashable, Sendable {
    /// Envoy itself, which tries again as its retry policy says.
    case envoy(RetryPolicy)
    /// An agent or a controller, which tries again by itself and needs no sha256.
    case agent
    /// Envoy, by what an operator makes of this.
    case operated

    /// What Envoy is told of trying again.
    package enum RetryPolicy: Hashable, Sendable {
        /// Nothing.
        case missing
        /// As often as a policy says; nil if it says no number.
        case retries(Int?)
    }
}

/// A place in a file of manifests.
package struct ManifestPlace: Hashable, Sendable, CustomStringConvertible {
    /// The object: its kind, namespace and name.
    package let object: String
    /// The file, as it was named.
    package let file: String
    /// The line, from 1.
    package let line: Int

    /// A place from its parts.
    package init(object: String, file: String, line: Int) {
        (self.object, self.file, self.line) = (object, file, line)
    }

    /// As people read it: `EnvoyFilter istio-system/plugin (filter.yaml:12)`.
    package var description: String { "\(object) (\(file):\(line))" }
}
