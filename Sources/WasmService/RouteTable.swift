// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import ModuleCatalog

/// Every path that is answered, and what with: a snapshot, rendered.
struct RouteTable: Sendable {
    /// What a path leads to.
    enum Route: Sendable {
        case representation(Representation)
        /// A module that was found there and may not be served.
        case refused(reason: String)
    }

    private var routes: [String: Route] = [:]

    /// Renders a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - now: The present; a file from the future has no date that could be told.
    init(_ snapshot: Snapshot, now: HTTPDate) {
        add("/health", document: Array(#"{"status":"Healthy"}"#.utf8), mediaType: "application/json")
        add("/modules", document: ModuleList(snapshot).encoded(), mediaType: "application/json")
        for module in snapshot.modules {
            add(module, at: "/\(module.path)", caching: .revalidate, lastModified: nil)
            add(
                module,
                at: DigestURL.path(of: module.blob.digest),
                caching: .immutable,
                lastModified: module.modified.flatMap { Self.date($0, now: now) }
            )
        }
        for refused in snapshot.refused {
            guard let path = refused.path else { continue }
            routes["/\(path)"] = .refused(reason: refused.error.reason)
            routes["/\(path)\(Self.digestSuffix)"] = .refused(reason: refused.error.reason)
        }
    }

    /// What a path leads to, if anything.
    ///
    /// - Parameter path: The path with its percent-encoding undone.
    subscript(path: String) -> Route? {
        // To Swift, texts that are canonically equivalent are equal; here a path is its bytes.
        guard let index = routes.index(forKey: path), routes.keys[index].utf8.elementsEqual(path.utf8) else {
            return nil
        }
        return routes.values[index]
    }

    private static let digestSuffix = ".sha256"

    private mutating func add(
        _ module: Module,
        at path: String,
        caching: Representation.Caching,
        lastModified: HTTPDate?
    ) {
        let blob = module.blob
        routes[path] = .representation(
            Representation(
                body: .blob(blob, 0..<blob.count),
                digest: blob.digest,
                mediaType: "application/wasm",
                caching: caching,
                lastModified: lastModified,
                module: blob.digest
            )
        )
        let text = Array("\(blob.digest)\n".utf8)
        routes[path + Self.digestSuffix] = .representation(
            Representation(
                body: .bytes(text),
                digest: Digest(of: text),
                mediaType: "text/plain; charset=utf-8",
                caching: caching,
                module: blob.digest
            )
        )
    }

    private mutating func add(_ path: String, document: [UInt8], mediaType: String) {
        routes[path] = .representation(
            Representation(body: .bytes(document), digest: Digest(of: document), mediaType: mediaType, caching: .never)
        )
    }

    /// The date of a file, but not 0 or 1, which reproducible builds write, nor one to come (RFC 9110 §8.8.2.1).
    private static func date(_ modified: Int64, now: HTTPDate) -> HTTPDate? {
        modified > 1 && modified <= now.seconds ? HTTPDate(seconds: modified) : nil
    }
}
