// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ServerClient
internal import ServerInterface

/// Which of a server's modules is meant.
struct ModuleChoice {
    private let word: String?

    /// The module that a word names: by name, by name and version, by path or by sha256; nil for the only one.
    ///
    /// One that is kept is named by its sha256 only: that is how gateways go back to it.
    init(_ word: String?) {
        self.word = word
    }

    /// The module.
    ///
    /// - Throws: ``CommandFailure`` that lists what there is, the nearest first.
    func module(in listing: ModuleIndex, of origin: Origin) throws(CommandFailure) -> ModuleIndex.Entry {
        let current = listing.current
        guard let word else {
            guard let only = current.first, current.count == 1 else {
                throw CommandFailure(
                    current.isEmpty ? .unavailable : .usage,
                    current.isEmpty
                        ? "\(origin): serves no module; check its log"
                        : "\(origin): serves \(current.count) modules; name one of \(ModuleIndex.names(of: current))"
                )
            }
            return only
        }
        let found = current.filter { Self.words(for: $0).contains(word) }
        if let module = found.first, Set(found.map(\.sha256)).count == 1 { return module }
        if !found.isEmpty {
            throw CommandFailure(
                .usage,
                "\(word): is the name of several modules; name one of \(ModuleIndex.names(of: found))"
            )
        }
        if let kept = listing.kept.first(where: { $0.sha256 == word }) { return kept }
        if let rejected = listing.rejected.first(where: { Self.words(for: $0).contains(word) }) {
            throw CommandFailure(
                .unavailable,
                "\(word): is rejected by \(origin): it \((rejected.reason ?? "is not admissible").printable)"
            )
        }
        let advice = listing.alternatives(to: word, Self.words)
        throw CommandFailure(.usage, "\(word): \(origin) serves no such module; \(advice)")
    }

    private static func words(for module: ModuleIndex.Entry) -> [String] {
        let path = module.path.map { [$0, String($0.dropFirst())] } ?? []
        let versioned = module.name.flatMap { name in module.version.map { "\(name)/\($0)" } }
        return path + [module.name, versioned, module.sha256].compactMap { $0 }
    }
}
