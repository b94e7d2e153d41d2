// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What a person can do about something.
///
/// What the options are called by which a person does it, only the command knows, so those remedies are codes.
package enum Remedy: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// Whatever takes no option.
    case words(String)
    /// Show a client certificate.
    case showCertificate
    /// See whether the client certificate is the right one.
    case checkCertificate
    /// Name the authority of the server's certificate.
    case nameAuthority
    /// Name the authority of the server's certificate, or have the server present what leads to it.
    case nameAuthorityOrPresentIt
    /// Name the authority of the server's certificate as it is now.
    case nameCurrentAuthority
    /// Have the server allow this client.
    case allowClient
    /// Name the port of probes and metrics.
    case nameOperationsPort
    /// Name a port of modules.
    case nameDataPort
    /// Have replicas know each other.
    case introduceReplicas
    /// Check each module by itself.
    case checkEachModule
    /// Name the host that modules are for.
    case nameHost

    /// A remedy in words.
    package init(stringLiteral words: String) { self = .words(words) }

    /// The same remedy, safe to show on a terminal.
    package var printable: Remedy { if case .words(let words) = self { .words(words.printable) } else { self } }
}
