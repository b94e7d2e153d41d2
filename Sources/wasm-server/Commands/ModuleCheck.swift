// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Credentials
internal import HTTPSemantics
internal import HTTPTransport
internal import ModuleCatalog

/// `serve --check`: everything that `serve` does before it opens a port.
enum ModuleCheck {
    /// Loads the certificate, if there is to be one, and the sources, and prints a line for each module.
    ///
    /// - Throws: ``CommandFailure`` if the certificate or any module is rejected, or that cannot be printed.
    static func run(_ settings: Settings) throws(CommandFailure) {
        for warning in settings.warnings { StandardStream.output.say("warning   \(warning)") }
        if let credentials = try settings.credentials() { tell(of: credentials) }
        let catalog = try settings.load(settings.catalog())
        let snapshot = catalog.snapshot
        for module in snapshot.modules {
            StandardStream.output.say(
                "admitted  \(module.blob.digest)  \(module.blob.count) bytes  \(module.path.urlPath)"
            )
            if let warning = ModuleWarning(module, largestKept: catalog.largestKept) {
                StandardStream.output.say("warning   \(warning)")
            }
        }
        if !snapshot.isComplete { throw CommandFailure(rejectedIn: snapshot) }
        try StandardStream.output.requireWritten()
    }

    private static func tell(of credentials: TLSCredentials) {
        let certificate = credentials.certificate
        let facts = certificate.chain?.first
        let details = [
            facts.map { "\($0.key)" }, certificate.names.isEmpty ? nil : "for \(certificate.names)",
            facts.map { "issued by \($0.issuer)" }, "expires \(HTTPDate(seconds: certificate.expiry))",
        ].compactMap(\.self).joined(separator: ", ")
        StandardStream.output.say("presented \(certificate.fingerprint)  \(details)")
        for ignored in credentials.ignoredAuthorities {
            StandardStream.output.say("warning   \(ignored.file): ignored: \(ignored.reason); \(ignored.remedy)")
        }
        for remark in certificate.remarks {
            let word = remark.weight == .note ? "note     " : "warning  "
            StandardStream.output.say("\(word) \(credentials.certificateFile): \(remark)")
        }
    }
}
