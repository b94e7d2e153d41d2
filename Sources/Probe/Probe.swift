// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CVersion
internal import Content
internal import NIOCore
package import ProxyWasm
package import ServerClient
internal import ServerInterface

/// Asks a server as each of its clients would, and tells what works.
///
/// Every address of the server's name is asked: behind a headless Service, that is every replica.
package struct Probe: Sendable {
    /// Receives each result as it comes.
    package typealias Reporter = @Sendable (ProbeResult) -> Void

    /// The most addresses that are asked.
    static let mostAddresses = 16
    /// The most modules that are fetched of those that a server lists.
    static let mostModules = 8

    private let client: ServerClient
    let path: String?
    private let loading: LoadingCheck
    private let report: Reporter

    /// A probe of a server.
    ///
    /// - Parameters:
    ///   - client: Asks it.
    ///   - path: The path of the one module that is looked at; without it, those are that the server lists.
    ///   - host: What has to load them; without it the newest Envoy has to, and older ones are told of.
    ///   - mode: Whether a module that it would not load is a failure.
    ///   - report: Receives each result.
    package init(
        _ client: ServerClient,
        of path: String?,
        loadedBy host: HostProfile? = nil,
        _ mode: AdmissionPolicy.Mode = .enforce,
        report: @escaping Reporter
    ) {
        (self.client, self.path, self.report) = (client.asProbe, path, report)
        loading = LoadingCheck(host: host, mode: mode)
    }

    /// Runs every check.
    package func run() async -> Outcome {
        let results = Results(report)
        let addresses: [SocketAddress]
        do throws(FetchError) {
            addresses = try await client.addresses()
        } catch {
            results.add(.init(.failed, client.origin.name.host, "\(error)", error.remedy))
            return .unreachable
        }
        return await run(at: addresses, results)
    }

    /// Runs every check at some addresses.
    func run(at addresses: [SocketAddress], _ results: Results) async -> Outcome {
        let names = addresses.compactMap(\.ipAddress).joined(separator: ", ")
        results.add(.init(.ok, client.origin.name.host, "is at \(names)"))
        if addresses.count > Self.mostAddresses {
            results.add(.init(.skipped, "addresses", "\(addresses.count - Self.mostAddresses) more than are asked"))
        }
        var replicas: [Replica] = []
        var isAnswered = false
        for address in addresses.prefix(Self.mostAddresses) {
            switch await occupant(at: address, results) {
            case .replica(let replica): replicas.append(replica)
            case .stranger: isAnswered = true
            case .nobody: break
            }
        }
        guard !replicas.isEmpty else { return isAnswered ? .failed : .unreachable }
        let areAlike = await Comparison(client, replicas, results).run()
        return Outcome(of: results.verdicts, areAlike: areAlike)
    }

    /// Who is at an address.
    private enum Occupant {
        /// A server whose modules were looked at.
        case replica(Replica)
        /// Something that is no server of modules, or that does not talk to this client.
        case stranger
        /// Nobody that answers.
        case nobody
    }

    private func occupant(at address: SocketAddress, _ results: Results) async -> Occupant {
        let place = address.place
        let key = client.origin.isSecure ? await CertificateCheck(client, at: address, results).run() : nil
        let listing: ModuleIndex?
        do throws(FetchError) {
            let response = try await client.fetch(
                FetchRequest(ModuleIndex.path, limit: ModuleIndex.maximumSize),
                from: address
            )
            listing = response.status == 200 ? ModuleIndex(response.body) : nil
            if listing == nil, let strange = await strangeness(of: response, at: address) {
                results.add(strange)
                return .stranger
            }
        } catch {
            let mistake = await client.mistake(at: address, after: error)
            results.add(.init(.failed, place, mistake?.words ?? "\(error)", mistake?.remedy ?? error.remedy))
            return mistake != nil || error.isOfAServer ? .stranger : .nobody
        }
        let paths = paths(in: listing, at: place, results)
        var replica = Replica(address: address, isOurs: listing != nil)
        for module in listing?.current ?? [] where path == nil || module.path == path {
            guard let path = module.path, !paths.contains(path) else { continue }
            replica.digests[path] = module.sha256.flatMap { Digest(hexadecimal: $0) }
        }
        for path in paths {
            let check = ModuleCheck(
                client,
                path,
                at: address,
                isOurs: replica.isOurs,
                key: key,
                loading,
                results
            )
            if let digest = await check.run() { replica.digests[path] = digest }
        }
        if !client.origin.isSecure { await checkClientHello(at: address, results) }
        return .replica(replica)
    }

    /// Why nothing else need be asked of a server; nil if it may be one of modules.
    private func strangeness(of response: FetchedResponse, at address: SocketAddress) async -> ProbeResult? {
        if let mistake = await client.mistake(at: address, after: nil) {
            return ProbeResult(.failed, address.place, mistake.words, mistake.remedy)
        }
        guard response.status == 403, response.isOfWasmServer else { return nil }
        return ProbeResult(.failed, address.place, response.words, response.remedyOfDenial)
    }

    /// Go's registry clients turn to plain HTTP only if the answer to their TLS handshake is HTTP (`ErrSchemeMismatch`).
    private func checkClientHello(at address: SocketAddress, _ results: Results) async {
        let subject = "\(address.place) TLS on the plain port"
        do throws(FetchError) {
            let answer = try await client.firstBytes(after: ClientHello.bytes, from: address)
            if answer.starts(with: Array("HTTP/1.1 400".utf8)) {
                results.add(
                    .init(.ok, subject, "is answered with HTTP/1.1 400, which tells a client to use plain HTTP")
                )
            } else {
                results.add(
                    .init(
                        .warning,
                        subject,
                        "is not answered with HTTP/1.1 400",
                        "registry clients do not turn to plain HTTP then"
                    )
                )
            }
        } catch {
            results.add(.init(.warning, subject, "\(error)", "registry clients do not turn to plain HTTP then"))
        }
    }
}

extension ServerClient {
    /// The same, which says that it is a probe, so that servers do not take its fetches for those of gateways.
    var asProbe: ServerClient {
        naming(ProbeProduct.text(version: unsafe String(cString: version_number())))
    }
}

extension Probe {
    /// The paths of the modules to fetch; the results name what is rejected or not fetched.
    func paths(in listing: ModuleIndex?, at place: String, _ results: Results) -> [String] {
        guard let listing else {
            results.add(
                .init(
                    .warning,
                    place,
                    "is not a Wasm Server: /modules is no list of modules",
                    "its answers are checked as far as they can be"
                )
            )
            return [path ?? "/plugin.wasm"]
        }
        let current = listing.current.compactMap(\.path)
        for module in listing.rejected where path == nil || module.path == path {
            let subject = "\(place) \(module.path ?? "a module")"
            let isReplaced = module.path.map(current.contains) ?? false
            let effect = isReplaced ? "gateways still get the one before it" : "gateways that ask for it get 503"
            results.add(
                .init(
                    isReplaced ? .warning : .failed,
                    subject,
                    "is rejected: it \(module.reason ?? "is not admissible")",
                    "put a good module in its place; until then \(effect)"
                )
            )
        }
        if let path {
            if current.contains(path) { return [path] }
            if !listing.rejected.contains(where: { $0.path == path }) {
                let alternatives = listing.alternatives(to: path) { [$0.path].compactMap(\.self) }
                results.add(.init(.failed, "\(place) \(path)", "there is no such module", .words(alternatives)))
            }
            return []
        }
        if current.isEmpty {
            results.add(.init(.failed, place, "serves no module", "check its log"))
        } else if current.count > Self.mostModules {
            let rest = current.count - Self.mostModules
            results.add(
                .init(
                    .skipped,
                    place,
                    "\(rest) of \(current.count) modules are not fetched",
                    .checkEachModule
                )
            )
        }
        return Array(current.prefix(Self.mostModules))
    }
}
