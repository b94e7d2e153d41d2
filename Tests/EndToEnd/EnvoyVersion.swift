// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Testing

/// A version of Envoy that the tests run against.
enum EnvoyVersion: String, CaseIterable, CustomTestStringConvertible {
    /// The newest.
    case newest = "1.40.0"
    /// The oldest that gateways are still expected to run.
    case oldest = "1.36.2"

    /// The name under which test reports show it.
    var testDescription: String {
        "Envoy \(rawValue)"
    }

    /// Its executable; that it is missing is a failure, as a scenario that did not run proves nothing.
    var binary: URL {
        get throws {
            let root = URL(filePath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let binary = root.appending(path: ".build-tools/envoy-\(rawValue)/envoy/_bin/envoy")
            guard FileManager.default.isExecutableFile(atPath: binary.path) else {
                throw Unexpected("there is no \(binary.path); run Scripts/install-tools test")
            }
            return binary
        }
    }
}
