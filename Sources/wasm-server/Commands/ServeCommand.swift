// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Content
internal import Credentials
internal import HTTPSemantics
internal import HTTPTransport
internal import ModuleCatalog

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// `wasm-server serve`: verify everything, then serve it.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Validate WebAssembly modules, then serve them and their SHA-256 to gateways.",
        discussion: """
            Every setting can be given as a flag (--log-level debug), as a variable (WASM_SERVER_LOG_LEVEL=debug) or in \
            a YAML file (log-level: debug); the first of these that gives it wins. WASM_SERVER_FILE_PATH names one file \
            that is served as /plugin.wasm, as it does for Kuadrant; without any source it is /wasm/plugin.wasm.

            Sources may change at any time: the server looks at them each second, and at once on SIGHUP.

            On SIGTERM the server reports that it is not ready, goes on for --drain-delay while that gets around, then \
            finishes the downloads under way and ends with 0; a second SIGTERM ends it at once.
            """
    )

    @Argument(help: Setting.sources.declaration.help, completion: Setting.sources.declaration.completion)
    var source: [String] = []

    @Flag(help: "Serve the embedded demo plugin as /plugin.wasm.")
    var demo = false

    @Flag(help: "Validate the configuration and every module, print the result, and exit.")
    var check = false

    @Option(
        help: ArgumentHelp("A YAML file with settings, or WASM_SERVER_CONFIG. (default: no file)", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @OptionGroup var settings: SettingFlags

    /// What is given in words: flags, and sources.
    var words: [Setting: [String]] {
        settings.values.merging(source.isEmpty ? [:] : [.sources: source]) { one, _ in one }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        // What --check says is for whoever started it.
        let isRead = check || StandardStream.error.isTerminal
        let given = SettingsReader(flags: words, environment: environment)
        let file = try await FailureReport(format: given.logFormat(isTerminal: isRead)).reporting {
            () throws(CommandFailure) in try ConfigurationFile.entries(named: config, Variables(environment))
        }
        let reader = SettingsReader(flags: words, environment: environment, file: file)
        try await FailureReport(format: reader.logFormat(isTerminal: isRead)).reporting { () throws(CommandFailure) in
            let settings = try reader.settings(demo: demo, isTerminal: isRead)
            if check {
                try ServeCheck.run(settings)
            } else {
                try await ServerProcess(settings).run()
            }
        }
    }
}

/// `serve --check`: everything that `serve` does before it opens a port.
enum ServeCheck {
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
            for warning in module.warnings(largestKept: catalog.largestKept) {
                StandardStream.output.say("warning   \(warning)")
            }
            if let note = module.noteOnOtherHosts { StandardStream.output.say("note      \(note)") }
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
