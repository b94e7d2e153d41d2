// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Variables that look like the server's and are none.
extension Variables {
    /// What the name of such a variable has in it, wherever.
    private static let tellingParts = ["TLS", "SSL", "CERT", "CLIENT"]
    /// What it may have among its words instead.
    private static let tellingWords = ["CA", "KEY"]

    /// A variable that begins like the server's and is none.
    private struct Stranger {
        let name: String
        /// What it may have been meant as, without the prefix.
        let near: [String]
        /// Whether it is about TLS or clients, or nearest to a setting that protects.
        let mayProtect: Bool

        var remedy: String {
            near.isEmpty
                ? "'wasm-server serve --help' names the settings"
                : "did you mean \(near.map { Variables.prefix + $0 }.joined(separator: " or "))?"
        }
    }

    /// A warning for each variable that looks like one of the server's and is none; values are not repeated.
    var warnings: [String] {
        strangers.filter { !$0.mayProtect }
            .map { "\($0.name) is not a variable of this server and is ignored; \($0.remedy)" }
    }

    /// Requires that none is ignored that was meant to protect: a setting that was given never means less security than not to start.
    ///
    /// - Throws: ``CommandFailure`` that names each such variable, without its value.
    func requireNoneThatProtects() throws(CommandFailure) {
        let failures = strangers.filter(\.mayProtect).map { stranger in
            CommandFailure(
                .configuration,
                """
                \(stranger.name) is not a variable of this server, and to ignore it could let everyone in; rename it, or \
                take it out: \(stranger.remedy)
                """
            )
        }
        guard failures.isEmpty else { throw CommandFailure(failures) }
    }

    private var strangers: [Stranger] {
        let known = Setting.allCases.map(\.variable) + [Self.configurationFile, Self.pluginFile]
        let ends = known.map { String($0.dropFirst(Self.prefix.count)) }
        let protecting = Setting.allCases.filter(\.declaration.isProtecting).map {
            $0.variable.dropFirst(Self.prefix.count)
        }
        return environment.keys.sorted().compactMap { name in
            let words = name.uppercased().split(omittingEmptySubsequences: false) { "_-.".contains($0) }
            let spelled = words.joined(separator: "_")
            guard spelled.hasPrefix(Self.prefix), !known.contains(name) else { return nil }
            let rest = String(spelled.dropFirst(Self.prefix.count))
            let near = EditDistance.near(rest, among: ends, most: 2)
            let joined = words.dropFirst(2).joined()
            return Stranger(
                name: name,
                near: near,
                mayProtect: Self.tellingParts.contains(where: joined.contains)
                    || words.contains { Self.tellingWords.contains(String($0)) }
                    || near.contains { protecting.contains($0[...]) }
            )
        }
    }
}
