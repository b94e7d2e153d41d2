// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerInterface

/// The few elements that several views have.
extension HTML {
    /// A digest: its beginning, and all of it where the pointer or the focus is; a script offers to copy it.
    static func digest(_ digest: String, of subject: String) -> HTML {
        "<code class=\"digest\" tabindex=\"0\" data-copy=\"sha256 of \(subject)\">\(digest)</code>"
    }

    /// A state in a word, with a sign and a colour beside it.
    static func state(_ word: String, _ level: StatusDocument.Level) -> HTML {
        "<span class=\"state \(level.rawValue)\"><span aria-hidden=\"true\">\(level.sign)</span> \(word)</span>"
    }

    /// Facts with their names; those without a value are left out.
    static func facts(_ facts: KeyValuePairs<String, HTML?>) -> HTML {
        let entries = facts.compactMap { name, value in value.map { "<dt>\(name)</dt><dd>\($0)</dd>\n" as HTML } }
        return "<dl>\(entries)</dl>"
    }

    /// What is said where nothing is there.
    static let nothing: HTML = "<span class=\"none\">none</span>"

    /// Text to copy, as it is: a script offers to do so.
    static func listing(_ text: String, of subject: String) -> HTML {
        "<pre tabindex=\"0\" data-copy=\"\(subject)\">\(text)</pre>"
    }
}

extension FleetDocument.Counts {
    /// How many gateways have what, those first for whom something is wrong.
    var html: HTML {
        guard all > 0 else { return "<span class=\"none\">nobody yet</span>" }
        let parts: [(Int, String, StatusDocument.Level)] = [
            (failed, "failed", .failing), (behind, "behind", .attention), (missing, "missing", .note),
            (current, "current", .ok),
        ]
        return HTML(
            parts.filter { $0.0 > 0 }.map { count, word, level in HTML.state("\(count) \(word)", level) },
            separator: " "
        )
    }
}

extension ModuleIndex.Entry {
    /// What a person calls it.
    var title: String {
        guard let name else { return path ?? sha256.map { String($0.prefix(12)) } ?? source ?? "a module" }
        return version.map { "\(name) \($0)" } ?? name
    }

    /// Whether it is not served.
    var isRejected: Bool { state == ModuleIndex.State.rejected.rawValue }

    /// Whether it is served though something that was found in its place, or its source, is rejected.
    func isServed(inPlaceOf rejected: ModuleIndex.Entry) -> Bool {
        if let path = rejected.path { return path == self.path }
        guard let folder = rejected.source, let source else { return false }
        return source == folder || source.hasPrefix(folder.hasSuffix("/") ? folder : "\(folder)/")
    }

    /// Where there is more about it; nil if it has no page of its own.
    var view: String? {
        if state == ModuleIndex.State.kept.rawValue { return digestPath.map { ModuleIndex.path + $0 } }
        return path.map { ModuleIndex.path + $0 }
    }

    /// How it is served, in a word.
    var stateWord: HTML {
        switch state.flatMap(ModuleIndex.State.init) {
        case .rejected?: .state("rejected", .attention)
        case .kept?: .state("kept", .note)
        case .current?, nil: rules == nil ? .state("served", .ok) : .state("served, with warnings", .attention)
        }
    }
}

extension FleetDocument.Replica {
    /// How its clock stands to this server's.
    var clockWords: String {
        let lead = clockLead ?? 0
        return "its clock is \(lead.magnitude) s \(lead < 0 ? "behind" : "ahead of") this server's"
    }
}
