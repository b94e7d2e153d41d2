// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The largest module that gateways take, in bytes.
package enum FetchLimit {
    /// The rule that a module is no larger.
    package static let rule = "fetch-limit"
    /// Envoy, from a remote source (`kBufferLimitForResponse` in `async_client_impl.h`).
    package static let envoy = 32 << 20
    /// istio-agent, and the controller of Envoy Gateway.
    package static let agents = 256 << 20
}
