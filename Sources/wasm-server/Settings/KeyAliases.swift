// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CYaml

/// How much the aliases within the keys of a YAML text stand for, found out without going through it.
///
/// Yams compares the keys of a mapping before it shows any of them, and goes through all that aliases in them stand
/// for. Aliases of aliases make that any amount; as values they cost nothing until they are looked at. So the events of
/// libyaml, which Yams reads the text with, are looked at first: the same parser tells what is an alias, and what is a
/// key.
struct KeyAliases {
    /// How much keys may stand for, in values and bytes of text: what is gone through in a second.
    private static let most = 1_000_000.0
    /// Yams keeps anchors from one document to the next, and no more than two are read.
    private static let mostDocuments = 2

    /// What a value stands for.
    private struct Extent {
        var size = 1.0
        var hasAlias = false
    }

    /// A list or mapping whose end has not come.
    private struct Collection {
        let isMapping: Bool
        let anchor: String?
        var extent = Extent()
        /// Whether the next value is a key.
        var awaitsKey = true
    }

    private var anchored: [String: Extent] = [:]
    private var open: [Collection] = []
    /// What the keys that have aliases in them stand for.
    private var size = 0.0

    /// Whether going through the keys of a text may take longer than anyone waits.
    static func mayHang(in text: String) -> Bool {
        // Most texts have none, and need not be read twice.
        guard text.utf8.contains(UInt8(ascii: "*")), text.utf8.contains(UInt8(ascii: "&")) else { return false }
        var text = text
        return text.withUTF8 { bytes in
            var aliases = KeyAliases()
            unsafe aliases.read(bytes)
            return aliases.size > most
        }
    }

    /// Goes through the events up to the end or the first error, which Yams meets as well.
    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        var parser = unsafe yaml_parser_t()
        guard unsafe yaml_parser_initialize(&parser) == 1 else { return }
        defer { unsafe yaml_parser_delete(&parser) }
        unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        var documents = 0
        while size <= Self.most, documents < Self.mostDocuments {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(&parser, &event) == 1 else { return }
            defer { unsafe yaml_event_delete(&event) }
            switch unsafe event.type {
            case YAML_STREAM_END_EVENT: return
            case YAML_DOCUMENT_END_EVENT: documents += 1
            default: unsafe take(event)
            }
        }
    }

    private mutating func take(_ event: yaml_event_t) {
        switch unsafe event.type {
        case YAML_ALIAS_EVENT:
            var extent = unsafe Self.name(event.data.alias.anchor).flatMap { anchored[$0] } ?? Extent()
            extent.hasAlias = true
            add(extent, anchor: nil)
        case YAML_SCALAR_EVENT:
            let extent = unsafe Extent(size: 1 + Double(event.data.scalar.length))
            unsafe add(extent, anchor: Self.name(event.data.scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            unsafe open.append(Collection(isMapping: false, anchor: Self.name(event.data.sequence_start.anchor)))
        case YAML_MAPPING_START_EVENT:
            unsafe open.append(Collection(isMapping: true, anchor: Self.name(event.data.mapping_start.anchor)))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            guard let ended = open.popLast() else { return }
            add(ended.extent, anchor: ended.anchor)
        default: break
        }
    }

    /// Takes a complete value.
    private mutating func add(_ extent: Extent, anchor: String?) {
        if let anchor { anchored[anchor] = extent }
        guard var collection = open.popLast() else { return }
        if collection.isMapping {
            if collection.awaitsKey, extent.hasAlias { size += extent.size }
            collection.awaitsKey.toggle()
        }
        collection.extent.size += extent.size
        collection.extent.hasAlias = collection.extent.hasAlias || extent.hasAlias
        open.append(collection)
    }

    private static func name(_ anchor: UnsafePointer<UInt8>?) -> String? {
        unsafe anchor.map { unsafe String(cString: $0) }
    }
}
