// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The names of functions in modules that Go's tools made.
///
/// TinyGo writes them as they are: `(*net/http.Client).Do`. Go's linker has an underscore for whatever is no letter, digit or dot
/// (`cmd/link/internal/wasm/asm.go`, `nameRegexp`): `net_http.__Client_.Do`.
enum GoName {
    /// The ends of hosts in the paths of packages, such as `github.com`.
    private static let domains: Set<Substring> = ["com", "org", "io", "net", "dev", "in", "sh", "cloud", "app"]

    /// The name with its receiver in parentheses.
    static func readable(_ name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return name }
        let readable = parts.enumerated().map { index, part in
            guard index > 0, part.hasPrefix("__"), part.hasSuffix("_"), part.utf8.count > 3 else { return String(part) }
            return "(*\(part.dropFirst(2).dropLast()))"
        }
        return readable.joined(separator: ".")
    }

    /// The package of a function; nil if its name has none.
    static func package(of name: String) -> String? {
        // A method, or what the compiler makes for one, has the package in parentheses.
        var path = name.drop { "(*{".contains($0) }
        path = path.prefix { !"([{$#: ".contains($0) }
        let slash = path.lastIndex(of: "/")
        var start = slash.map { path.index(after: $0) } ?? path.startIndex
        while let dot = path[start...].firstIndex(of: ".") {
            let next = path.index(after: dot)
            guard slash == nil, let underscore = path[next...].firstIndex(of: "_"),
                domains.contains(path[next..<underscore])
            else { return dot > path.startIndex ? String(path[..<dot]) : nil }
            start = underscore
        }
        return nil
    }
}
