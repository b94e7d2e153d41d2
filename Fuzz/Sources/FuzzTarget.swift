// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A parser of outside bytes, and what must hold whatever they are.
///
/// To add one: a file that makes it in an extension, and a line in ``all``. Its inputs lie in `Fuzz/Corpus/<name>/` and,
/// once one of them has failed, in `Fuzz/Regressions/<name>/`.
struct FuzzTarget: Sendable {
    /// By which `--target=` and the folders of inputs call it.
    let name: String
    /// Parses an input and traps if anything does not hold.
    let check: @Sendable ([UInt8]) -> Void

    /// A target for bytes.
    init(_ name: String, bytes check: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.check = check
    }

    /// A target for text, in which what is not UTF-8 is replaced, as in a field's value.
    init(_ name: String, text check: @escaping @Sendable (String) -> Void) {
        self.init(name, bytes: { check(String(decoding: $0, as: UTF8.self)) })
    }

    /// Every target, in the order in which they are run.
    static let all = [
        byteRange,
        entityTags,
        httpDate,
        digestPreference,
        selection,
        contentNegotiation,
        requestTarget,
        modulePath,
        digest,
        http1Head,
        wasmSections,
        pluginAdmission,
        functionNames,
        byteCount,
        timeSpan,
        clientIdentity,
        certificate,
        clientHello,
        http2Connection,
        hpack,
        settings,
        configurationFile,
        logLine,
        accessLog,
        peerList,
        fleetNews,
        forwardedFor,
        addressRange,
        serverName,
        origin,
        pluginConfiguration,
        authority,
        commandLine,
        yamlDocument,
        gatewayManifest,
        traceContext,
        collectorEndpoint,
        collectorAnswer,
    ]
}

/// Traps, with a message that a release build prints too, unless a property holds.
func require(_ property: Bool, _ what: @autoclosure () -> String, file: StaticString = #file, line: UInt = #line) {
    guard property else { fatalError("a property does not hold: \(what())", file: file, line: line) }
}
