// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Probe
internal import ServerClient

extension Remedy {
    /// What to do, by the flags of the commands that ask a server, and of the server.
    var words: String {
        switch self {
        case .words(let words): words
        case .showCertificate: "give one with --certificate and --key"
        case .checkCertificate: "check the server's log, and what --certificate names"
        case .nameAuthority: "name its authority with --ca"
        case .nameAuthorityOrPresentIt:
            "name its authority with --ca, or, if that is not a root, put its certificate into the server's file"
        case .nameCurrentAuthority: "give the authority's current certificate with --ca"
        case .allowClient:
            "name this client in the server's \(Setting.tlsAllowedClient.flag), or show another by --certificate"
        case .nameOperationsPort:
            "name the server's operations port: \(Settings().operationsPort), or what \(Setting.operationsPort.flag) says"
        case .nameDataPort:
            "name its data port: \(Settings().port), or what \(Setting.port.flag) and \(Setting.tlsPort.flag) say"
        case .introduceReplicas:
            "let replicas know each other by \(Setting.peers.flag), and reach each other on the data port"
        case .checkEachModule: "check each of them with --module"
        case .nameHost: "say by \(Setting.hostProfile.flag) whom it is for"
        }
    }
}

extension ProbeResult {
    /// What was seen, where, and what to do about it.
    var line: String { "\(subject): \(detail)\(remedy.map { "; \($0.words)" } ?? "")" }

    /// One line that begins with the verdict.
    var reportLine: String {
        let word =
            switch verdict {
            case .ok: "ok     "
            case .warning: "WARN   "
            case .failed: "FAILED "
            case .skipped: "skipped"
            }
        return "\(word) \(line)"
    }
}
