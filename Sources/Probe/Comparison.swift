// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore
internal import ProxyWasm
internal import ServerClient
internal import ServerInterface

/// Compares what replicas announce, and asks each for what the others announce.
struct Comparison: Sendable {
    private let client: ServerClient
    private let replicas: [Replica]
    private let results: Results

    init(_ client: ServerClient, _ replicas: [Replica], _ results: Results) {
        (self.client, self.replicas, self.results) = (client, replicas, results)
    }

    /// Runs the checks, and returns whether all announce the same.
    func run() async -> Bool {
        guard replicas.count > 1 else { return true }
        let announced = Dictionary(grouping: replicas.flatMap { $0.digests.map { ($0.key, $0.value) } }, by: \.0)
        var areAlike = true
        for (path, digests) in announced.sorted(by: { $0.key < $1.key }) {
            let different = Set(digests.map(\.1))
            if different.count == 1 && digests.count == replicas.count {
                results.add(.init(.ok, path, "is the same on \(replicas.count) replicas"))
            } else {
                areAlike = false
                tellDifference(of: path, "\(different.count) versions on \(digests.count) of \(replicas.count)")
            }
        }
        for digest in Set(announced.values.flatMap { $0.map(\.1) }).sorted(by: { $0.hexadecimal < $1.hexadecimal }) {
            for replica in replicas where replica.isOurs && !replica.digests.values.contains(digest) {
                await checkFound(digest, at: replica.address)
            }
        }
        return areAlike
    }

    private func tellDifference(of path: String, _ count: String) {
        let detail = "differs between replicas: \(count)"
        let consequence = "while that is so, a gateway that asks by name may get other bytes than it was told of"
        if replicas.allSatisfy(\.isOurs) {
            results.add(.init(.warning, path, detail, "\(consequence), and fail; ask by digest"))
        } else {
            // There is no other way to ask a server that is not ours.
            results.add(.init(.failed, path, detail, "\(consequence), and fail; have all serve the same"))
        }
    }

    private func checkFound(_ digest: Digest, at address: SocketAddress) async {
        let subject = "\(address.place) \(digest)"
        let request = FetchRequest(DigestPath.text(of: digest), limit: FetchLimit.agents)
        do throws(FetchError) {
            let response = try await client.fetch(request, from: address)
            if response.status == 200, Digest(of: response.body) == digest {
                results.add(.init(.ok, subject, "which another replica announces, is there by its digest"))
            } else {
                results.add(
                    .init(
                        .failed,
                        subject,
                        "which another replica announces, is answered with \(response.status)",
                        .introduceReplicas
                    )
                )
            }
        } catch {
            results.add(.init(.failed, subject, "\(error)", error.remedy))
        }
    }
}

/// One server behind a name.
struct Replica {
    /// Where it is.
    let address: SocketAddress
    /// Whether it is a Wasm Server, which serves by digest.
    let isOurs: Bool
    /// What it announces, by path.
    var digests: [String: Digest] = [:]
}
