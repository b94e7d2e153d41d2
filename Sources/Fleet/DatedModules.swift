// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ServerInterface

/// What is served by name here, and since when by any replica: one that has just started, or that changed late, cannot know by itself.
struct DatedModules {
    /// What is served here, since it is served here.
    private var own: [RolloutModule] = []
    /// Since when other replicas say that they serve a digest at a path.
    private var claims: [String: [Digest: Int64]] = [:]

    /// The most digests of which there are claims at one path: the present one, and those that follow or went before at other replicas.
    private static let mostDigests = 4
    /// The most paths of which there are claims.
    private static let mostPaths = 8192
    /// The longest path of which there are claims, in bytes.
    private static let longestPath = 1024

    /// What is served here, since it is served by any replica.
    private(set) var dated: [RolloutModule] = []

    /// Something else is served here.
    ///
    /// - Parameters:
    ///   - modules: What is.
    ///   - now: The present: what seems to be served since a time to come was found before the clock was set back.
    mutating func serve(_ modules: [RolloutModule], at now: Int64) {
        let present = Dictionary(modules.map { ($0.path, $0.digest) }, uniquingKeysWith: { first, _ in first })
        let former = Dictionary(own.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        for former in own where present[former.path] != former.digest {
            // If it comes back some day, that is another change.
            if let digest = former.digest { claims[former.path]?[digest] = nil }
        }
        own = modules.map { module in
            guard let known = former[module.path], known.digest == module.digest else { return module.since(at: now) }
            return module.since(at: min(known.since, now))
        }
        date()
    }

    /// Takes times to come for the present: the clock was set back.
    mutating func settle(at now: Int64) {
        guard own.contains(where: { $0.since > now }) else { return }
        own = own.map { $0.since(at: now) }
        date()
    }

    /// Other replicas say since when they serve what.
    mutating func note(_ modules: [FleetNews.Module], notBefore oldest: Int64) {
        if claims.count >= Self.mostPaths {
            // Over months paths come and go, as those do that have a version in them.
            let paths = Set(own.map(\.path))
            claims = claims.filter { paths.contains($0.key) }
        }
        let present = Dictionary(own.map { ($0.path, $0.digest) }, uniquingKeysWith: { first, _ in first })
        for module in modules {
            guard let digest = Digest(hexadecimal: module.sha256), module.since >= 0,
                module.path.utf8.count <= Self.longestPath
            else { continue }
            note(max(module.since, oldest), digest, at: module.path, sparing: present[module.path] ?? nil)
        }
        date()
    }

    private mutating func note(_ since: Int64, _ digest: Digest, at path: String, sparing present: Digest?) {
        guard claims[path] != nil || claims.count < Self.mostPaths else { return }
        var digests = claims[path] ?? [:]
        digests[digest] = min(digests[digest] ?? since, since)
        if digests.count > Self.mostDigests,
            let oldest = digests.filter({ $0.key != present })
                .min(by: { ($0.value, $0.key.hexadecimal) < ($1.value, $1.key.hexadecimal) })
        {
            digests[oldest.key] = nil
        }
        claims[path] = digests
    }

    private mutating func date() {
        dated = own.map { module in
            guard let digest = module.digest, let since = claims[module.path]?[digest], since < module.since else {
                return module
            }
            return module.since(at: since)
        }
    }
}

extension RolloutModule {
    /// The same, served since a time, if that is earlier.
    fileprivate func since(at time: Int64) -> RolloutModule {
        guard time < since else { return self }
        return RolloutModule(path: path, digest: digest, since: time, formerly: formerly)
    }
}
