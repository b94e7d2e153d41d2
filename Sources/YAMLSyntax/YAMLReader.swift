// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Composes what a text of YAML says (YAML 1.2.2 §3.1.2), and goes through no more of it than its limits allow.
///
/// It is stricter than YAML: keys are text, and no two of them alike.
package struct YAMLReader: ~Copyable {
    private var events: YAMLEvents
    let limits: YAMLLimits
    private var anchored: [String: Composed] = [:]
    /// What the documents so far stand for.
    private var extent = 0

    /// A node that is complete.
    private struct Composed {
        var node: YAMLNode
        /// How many values and bytes of text it stands for.
        var extent: Int
        /// How many levels it has, with what its aliases stand for.
        var levels: Int
    }

    /// The one document that a text holds; nil if it holds nothing.
    ///
    /// - Throws: ``YAMLError``.
    package static func document(
        in text: String,
        limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode? {
        var reader = try YAMLReader(of: text, limits: limits)
        guard let root = try reader.root(from: reader.events.next()) else { return nil }
        let end = try reader.events.next()
        guard case .streamEnd = end.kind else {
            throw YAMLError(line: end.line, "begins a second document; write one, without another `---`")
        }
        return root
    }

    /// Every document that a text holds, in their order; one without a value is a null.
    ///
    /// The limits are for all together.
    ///
    /// - Throws: ``YAMLError``.
    package static func documents(
        in text: String,
        limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLNode] {
        var reader = try YAMLReader(of: text, limits: limits)
        var roots: [YAMLNode] = []
        while let root = try reader.root(from: reader.events.next()) { roots.append(root) }
        return roots
    }

    private init(of text: String, limits: YAMLLimits) throws(YAMLError) {
        guard text.utf8.count <= limits.size else {
            throw YAMLError(line: nil, "has more than \(limits.size) bytes; leave something out")
        }
        events = YAMLEvents(of: text)
        self.limits = limits
    }

    /// The value of the document that an event begins, whose names for values are its own (YAML 1.2.2 §3.2.2.2); nil if it begins none.
    private mutating func root(from event: YAMLEvent) throws(YAMLError) -> YAMLNode? {
        guard case .documentStart = event.kind else { return nil }
        anchored = [:]
        guard let root = try compose(events.next(), level: 1) else { return nil }
        var whole = extent
        try add(root.extent, to: &whole, event.line)
        extent = whole
        return root.node
    }

    /// Composes the node that an event begins; nil if the event ends the collection around it.
    private mutating func compose(_ event: YAMLEvent, level: Int) throws(YAMLError) -> Composed? {
        let composed: Composed
        switch event.kind {
        case .documentStart, .collectionEnd, .streamEnd: return nil
        case .alias(let name):
            guard let target = anchored[name] else {
                throw YAMLError(
                    line: event.line,
                    "'*' stands for another value, and none above is called '\(name)'; put the value in quotes"
                )
            }
            try requireLevel(level + target.levels - 1, event.line)
            return target
        case .scalar(let scalar):
            try requireLevel(level, event.line)
            try requireNoMark(in: scalar)
            composed = Composed(node: .scalar(scalar), extent: 1 + scalar.text.utf8.count, levels: 1)
        case .sequenceStart(let tag):
            try requireLevel(level, event.line)
            composed = try sequence(tag, event.line, level: level)
        case .mappingStart(let tag):
            try requireLevel(level, event.line)
            composed = try mapping(tag, event.line, level: level)
        }
        if let anchor = event.anchor { anchored[anchor] = composed }
        return composed
    }

    private mutating func sequence(_ tag: YAMLTag?, _ line: Int, level: Int) throws(YAMLError) -> Composed {
        var elements: [YAMLNode] = []
        var (extent, levels) = (1, 1)
        while true {
            let event = try events.next()
            guard let element = try compose(event, level: level + 1) else { break }
            elements.append(element.node)
            levels = max(levels, 1 + element.levels)
            try add(element.extent, to: &extent, event.line)
        }
        let node = YAMLNode.sequence(YAMLSequence(elements: elements, tag: tag, line: line))
        return Composed(node: node, extent: extent, levels: levels)
    }

    private mutating func mapping(_ tag: YAMLTag?, _ line: Int, level: Int) throws(YAMLError) -> Composed {
        var members: [YAMLMapping.Member] = []
        // By bytes: to Swift, but not to YAML, two spellings of é are the same.
        var lines: [[UInt8]: Int] = [:]
        var (extent, levels) = (1, 1)
        while true {
            let event = try events.next()
            guard let composedKey = try compose(event, level: level + 1) else { break }
            guard case .scalar(let scalar) = composedKey.node else {
                throw YAMLError(line: event.line, "has a key that is not text; write `key: value`")
            }
            let key = YAMLScalar(text: scalar.text, isPlain: scalar.isPlain, tag: scalar.tag, line: event.line)
            if let first = lines.updateValue(event.line, forKey: Array(key.text.utf8)) {
                throw YAMLError(
                    line: event.line,
                    "the key '\(key.text)' is duplicated: line \(first) has it, too; leave one of them out"
                )
            }
            guard let value = try compose(events.next(), level: level + 1) else { break }
            members.append(YAMLMapping.Member(key: key, value: value.node))
            levels = max(levels, 1 + value.levels)
            try add(composedKey.extent + value.extent, to: &extent, event.line)
        }
        let node = YAMLNode.mapping(YAMLMapping(members: members, tag: tag, line: line))
        return Composed(node: node, extent: extent, levels: levels)
    }
}
