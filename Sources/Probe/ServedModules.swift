// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore
internal import ServerClient
internal import ServerInterface

/// What the servers behind one origin serve: they say it in their lists, and of what is not there each is asked once.
struct ServedModules {
    /// One server.
    private struct Server {
        let address: SocketAddress
        let index: ModuleIndex
        let current: [String: Digest]
        /// Why it is asked no more.
        var failure: FetchError?
    }

    private let client: ServerClient
    private var servers: [Server] = []
    private var availabilities: [Digest: Availability] = [:]
    private var occupancies: [String: Occupancy] = [:]

    /// Servers behind the origin of a client, none of which is known yet.
    init(_ client: ServerClient) {
        self.client = client
    }

    /// How many servers there are.
    var count: Int { servers.count }

    /// Adds a server by what it lists.
    mutating func add(_ index: ModuleIndex, at address: SocketAddress) {
        let current = index.current.compactMap { entry in
            entry.path.flatMap { path in entry.sha256.flatMap { Digest(hexadecimal: $0) }.map { (path, $0) } }
        }
        servers.append(
            Server(address: address, index: index, current: Dictionary(current) { first, _ in first })
        )
    }

    /// What is current at a path, as the first server lists it.
    func current(at path: String) -> Digest? { servers.lazy.compactMap { $0.current[path] }.first }

    /// What there is instead of a path, in words that follow a semicolon.
    func alternatives(to path: String) -> String {
        servers.first?.index.alternatives(to: path) { [$0.path].compactMap(\.self) } ?? ""
    }

    /// How the bytes of a digest are served.
    mutating func availability(of digest: Digest) async -> Availability {
        if let known = availabilities[digest] { return known }
        let availability = if let listed = listed(digest) { listed } else { await found(digest) }
        availabilities[digest] = availability
        return availability
    }

    private func listed(_ digest: Digest) -> Availability? {
        let paths = servers.compactMap { $0.current.filter { $0.value == digest }.keys.min() }
        if let path = paths.min() { return .current(path: path, count: paths.count) }
        let kept = servers.lazy.flatMap(\.index.kept).first { $0.sha256 == digest.hexadecimal }
        return kept.map { .outdated(path: $0.path) }
    }

    /// A server that does not list it looks for it among its peers.
    ///
    /// It is asked by HEAD, which it takes for no fetch of a gateway's.
    private mutating func found(_ digest: Digest) async -> Availability {
        var unknown: Availability?
        for index in servers.indices {
            do throws(FetchError) {
                let response = try await fetch(DigestPath.text(of: digest), method: "HEAD", from: index)
                switch response.status {
                case 200: return .outdated(path: nil)
                case 404: break
                case 503: unknown = .unknown(response.words, "it could not ask its peers: check its log")
                default: unknown = .unknown(response.words, response.remedy)
                }
            } catch {
                unknown = .unknown("\(servers[index].address.place) \(error)", error.remedy)
            }
        }
        return unknown ?? .nowhere
    }

    /// What is served at a path.
    mutating func occupancy(of path: String) async -> Occupancy {
        if let known = occupancies[path] { return known }
        let occupancy = await asked(path)
        occupancies[path] = occupancy
        return occupancy
    }

    private mutating func asked(_ path: String) async -> Occupancy {
        var digests: Set<Digest?> = []
        for index in servers.indices {
            if let digest = servers[index].current[path] {
                digests.insert(digest)
                continue
            }
            // Some paths are not listed, as what they lead to is listed by another.
            do throws(FetchError) {
                let response = try await fetch(path + InterfacePath.digestSuffix, method: "GET", from: index)
                guard [200, 404].contains(response.status) else { return .unknown(response.words, response.remedy) }
                let text = String(decoding: response.body, as: UTF8.self)
                digests.insert(response.status == 404 ? nil : Digest(hexadecimal: text.dropLast()))
            } catch {
                return .unknown("\(servers[index].address.place) \(error)", error.remedy)
            }
        }
        guard digests.count == 1, let digest = digests.first else { return .different }
        return digest.map { .same($0) } ?? .nothing
    }

    /// One that has not answered is asked no more: each time would take as long.
    private mutating func fetch(
        _ path: String,
        method: String,
        from index: Int
    ) async throws(FetchError) -> FetchedResponse {
        if let failure = servers[index].failure { throw failure }
        do throws(FetchError) {
            return try await client.fetch(FetchRequest(path, method: method, limit: 4096), from: servers[index].address)
        } catch {
            servers[index].failure = error
            throw error
        }
    }
}

extension FetchedResponse {
    /// What a person can do about a status that is neither 200 nor 404.
    fileprivate var remedy: Remedy { status == 403 ? remedyOfDenial : "check the server's log" }
}
