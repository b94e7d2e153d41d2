// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore
internal import ServerInterface

/// What kind of port was asked, if it is not one of modules that is asked in the right way.
package struct PortMistake: Hashable, Sendable {
    /// What it is, in words that follow the name of the server.
    package let words: String
    /// What a person can do about it.
    package let remedy: Remedy
}

/// What a port is asked for.
package enum PortPurpose: Sendable {
    /// Modules: a data port is meant.
    case modules
    /// Probes, metrics, who has fetched what: the operations port is meant.
    case operations
}

extension ServerClient {
    /// Looks what kind of port this is, at its first address, after it did not answer as one does that was meant.
    ///
    /// - Parameters:
    ///   - purpose: What it was asked for.
    ///   - failure: Why it gave no answer; nil if it gave another than was wanted.
    /// - Returns: What it is; nil if nothing is known against it.
    package func mistake(of purpose: PortPurpose, after failure: FetchError?) async -> PortMistake? {
        guard let address = try? await addresses().first else { return nil }
        return switch purpose {
        case .modules: await mistake(at: address, after: failure)
        case .operations: await mistakeOfOperations(at: address, after: failure)
        }
    }

    /// The most bytes that are taken of an answer that only has to be recognized: metrics are the longest.
    private static let longestAnswer = 8 << 20
    /// The first byte of a record of TLS that is a handshake or an alert (RFC 8446 §5.1).
    private static let records: Set<UInt8> = [22, 21]

    /// Looks what kind of port this is, after it did not answer as one of modules does.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - failure: Why it gave no answer; nil if it gave another than was wanted.
    /// - Returns: What it is; nil if nothing is known against it.
    package func mistake(at address: SocketAddress, after failure: FetchError?) async -> PortMistake? {
        guard let failure else {
            if let mistake = await speaksTLS(at: address) { return mistake }
            return await isOperationsPort(at: address)
        }
        guard failure.mayBeOfAnotherProtocol else { return nil }
        guard origin.isSecure else { return await speaksTLS(at: address) }
        let plain = asking(isSecure: false)
        if let mistake = await plain.isOperationsPort(at: address) { return mistake }
        // A port of TLS may say in the clear that it is one.
        guard
            let answer = try? await plain.fetch(
                FetchRequest(ModuleIndex.path, limit: Self.longestAnswer),
                from: address
            ),
            answer.status != 400
        else { return nil }
        return PortMistake(words: "speaks plain HTTP on this port, not TLS", remedy: "use \(plain.origin)")
    }

    /// Looks what kind of port this is, after it did not answer as one of probes and metrics does.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - failure: Why it gave no answer; nil if it gave another than was wanted.
    /// - Returns: What it is; nil if nothing is known against it.
    package func mistakeOfOperations(at address: SocketAddress, after failure: FetchError?) async -> PortMistake? {
        guard failure?.mayBeOfAnotherProtocol != false else { return nil }
        if await speaksTLS(at: address) != nil {
            return PortMistake(
                words: "speaks TLS on this port, which the operations port never does",
                remedy: .nameOperationsPort
            )
        }
        let request = FetchRequest(ModuleIndex.path, limit: Self.longestAnswer)
        guard let answer = try? await fetch(request, from: address), answer.status == 200,
            ModuleIndex(answer.body) != nil
        else { return nil }
        return PortMistake(
            words: "is the data port of a Wasm Server, which has modules and no probes",
            remedy: .nameOperationsPort
        )
    }

    private func isOperationsPort(at address: SocketAddress) async -> PortMistake? {
        let answer = try? await fetch(FetchRequest("/metrics", limit: Self.longestAnswer), from: address)
        guard let answer, answer.status == 200, String(decoding: answer.body, as: UTF8.self).contains("wasm_server_")
        else { return nil }
        return PortMistake(
            words: "is the operations port of a Wasm Server, which has its probes and metrics and no module",
            remedy: .nameDataPort
        )
    }

    private func speaksTLS(at address: SocketAddress) async -> PortMistake? {
        guard !origin.isSecure, let first = try? await firstBytes(after: ClientHello.bytes, from: address).first,
            Self.records.contains(first)
        else { return nil }
        let secure = asking(isSecure: true).origin
        return PortMistake(words: "speaks TLS on this port, not plain HTTP", remedy: "use \(secure)")
    }

    private func asking(isSecure: Bool) -> ServerClient {
        ServerClient(
            Origin(isSecure: isSecure, name: origin.name, port: origin.port),
            trusting: trust,
            timeout: timeout
        )
    }
}

extension FetchError {
    /// Whether another protocol than the one that was asked in would explain it.
    fileprivate var mayBeOfAnotherProtocol: Bool {
        switch self {
        case .tls(.notTLS), .tls(.ended), .tls(.other), .otherProtocol, .malformed, .cut, .unanswered, .timedOut(true):
            true
        case .unresolved, .refused, .unreachable, .lacking, .timedOut(false), .tls, .tooLong, .cancelled: false
        }
    }
}
