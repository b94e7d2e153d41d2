// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore
package import ServerClient

/// Asks a server as each of its clients would, and tells what works.
///
/// Every address of the server's name is asked: behind a headless Service, that is every replica.
package struct Probe: Sendable {
    /// Is told each result as it comes.
    package typealias Reporter = @Sendable (ProbeResult) -> Void

    /// What a probe came to.
    package enum Outcome: Sendable {
        /// Every client will get what it needs.
        case good
        /// Something is not as it should be.
        case bad
        /// Nobody answers.
        case unreachable
    }

    /// The most addresses that are asked.
    private static let mostAddresses = 16
    /// The most modules that are fetched of those that a server lists.
    private static let mostModules = 8

    private let client: ServerClient
    private let path: String?
    private let report: Reporter

    /// A probe.
    ///
    /// - Parameters:
    ///   - client: What asks the server.
    ///   - path: The path of the one module to look at; nil for those that the server lists.
    ///   - report: Is told each result.
    package init(_ client: ServerClient, of path: String?, report: @escaping Reporter) {
        (self.client, self.path, self.report) = (client, path, report)
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
        for address in addresses.prefix(Self.mostAddresses) {
            if let replica = await look(at: address, results) { replicas.append(replica) }
        }
        guard !replicas.isEmpty else { return .unreachable }
        await compare(replicas, results)
        return results.areGood ? .good : .bad
    }

    private func look(at address: SocketAddress, _ results: Results) async -> Replica? {
        let place = address.place
        let listing: ModuleListing?
        do throws(FetchError) {
            let response = try await client.fetch(FetchRequest("/modules", limit: 16 << 20), from: address)
            listing = response.status == 200 ? ModuleListing(response.body) : nil
        } catch {
            results.add(.init(.failed, place, "\(error)", error.remedy))
            return nil
        }
        let paths = paths(in: listing, at: place, results)
        var replica = Replica(address: address, isOurs: listing != nil)
        for path in paths {
            let check = ModuleCheck(client, path, at: address, isOurs: replica.isOurs, results)
            if let digest = await check.run() { replica.digests[path] = digest }
        }
        if !client.origin.isSecure { await checkClientHello(at: address, results) }
        return replica
    }

    private func paths(in listing: ModuleListing?, at place: String, _ results: Results) -> [String] {
        guard let listing else {
            results.add(
                .init(
                    .warning,
                    place,
                    "is no Wasm Server: /modules is no list of modules",
                    "its answers are checked as far as they can be"
                )
            )
            return [path ?? "/plugin.wasm"]
        }
        for module in listing.refused {
            let subject = "\(place) \(module.path ?? "a module")"
            let reason = module.reason ?? "is not admissible"
            results.add(.init(.failed, subject, "is refused: it \(reason)", "gateways that ask for it get 503"))
        }
        if let path { return [path] }
        let current = listing.current.compactMap(\.path)
        if current.isEmpty {
            results.add(.init(.failed, place, "serves no module", "look at its log"))
        } else if current.count > Self.mostModules {
            let rest = current.count - Self.mostModules
            results.add(.init(.skipped, place, "\(rest) of \(current.count) modules", "look at one with --module"))
        }
        return Array(current.prefix(Self.mostModules))
    }

    /// Go's registry clients turn to plain HTTP only if the answer to their TLS handshake is HTTP (`ErrSchemeMismatch`).
    private func checkClientHello(at address: SocketAddress, _ results: Results) async {
        let subject = "\(address.place) TLS on the plain port"
        do throws(FetchError) {
            let answer = try await client.exchange(ClientHello.bytes, with: address)
            if answer.starts(with: Array("HTTP/1.1 400".utf8)) {
                results.add(.init(.ok, subject, "is answered by HTTP/1.1 400, which tells a client to use plain HTTP"))
            } else {
                results.add(
                    .init(
                        .warning,
                        subject,
                        "is not answered by HTTP/1.1 400",
                        "registry clients do not turn to plain HTTP then"
                    )
                )
            }
        } catch {
            results.add(.init(.warning, subject, "\(error)", "registry clients do not turn to plain HTTP then"))
        }
    }

    /// Compares what replicas announce, and asks each for what the others announce.
    private func compare(_ replicas: [Replica], _ results: Results) async {
        guard replicas.count > 1 else { return }
        let announced = Dictionary(grouping: replicas.flatMap { $0.digests.map { ($0.key, $0.value) } }, by: \.0)
        for (path, digests) in announced.sorted(by: { $0.key < $1.key }) {
            let different = Set(digests.map(\.1))
            if different.count == 1 && digests.count == replicas.count {
                results.add(.init(.ok, path, "is the same on \(replicas.count) replicas"))
            } else {
                results.add(
                    .init(
                        .warning,
                        path,
                        "differs between replicas: \(different.count) versions on \(digests.count) of \(replicas.count)",
                        "while that is so, a gateway that asks by name may get other bytes than it was told of; ask by digest"
                    )
                )
            }
        }
        for digest in Set(announced.values.flatMap { $0.map(\.1) }).sorted(by: { $0.hexadecimal < $1.hexadecimal }) {
            for replica in replicas where replica.isOurs && !replica.digests.values.contains(digest) {
                await checkFound(digest, at: replica.address, results)
            }
        }
    }

    private func checkFound(_ digest: Digest, at address: SocketAddress, _ results: Results) async {
        let subject = "\(address.place) \(digest)"
        let request = FetchRequest("/sha256/\(digest).wasm", limit: ModuleCheck.limit)
        do throws(FetchError) {
            let response = try await client.fetch(request, from: address)
            if response.status == 200, Digest(of: response.body) == digest {
                results.add(.init(.ok, subject, "which another replica announces, is there by its digest"))
            } else {
                results.add(
                    .init(
                        .failed,
                        subject,
                        "which another replica announces, is answered by \(response.status)",
                        "let replicas know each other by --peers, and reach each other on the data port"
                    )
                )
            }
        } catch {
            results.add(.init(.failed, subject, "\(error)", error.remedy))
        }
    }
}

/// One server behind a name.
private struct Replica {
    let address: SocketAddress
    let isOurs: Bool
    /// What it announces, by path.
    var digests: [String: Digest] = [:]
}
