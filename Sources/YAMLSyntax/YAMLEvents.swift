// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CYAML

/// The events of a text of YAML (YAML 1.2.2 §3.1.2), one after another, as libyaml parses them.
///
/// Nothing of libyaml's gets out of this file and ``ParserFailure``: what it points to is copied.
@safe
struct YAMLEvents: ~Copyable {
    private let text: String
    /// How many lines there are: to libyaml what is missing at the end of the last one is in another.
    private let lineCount: Int
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    /// It keeps a pointer to itself, so it stays in its place.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// Whether there was enough memory.
    private let isReady: Bool

    init(of text: String) {
        // libyaml would take a byte order mark for a column, and what follows in other lines for less indented.
        let text = text.utf8.starts(with: "\u{feff}".utf8) ? String(text.unicodeScalars.dropFirst()) : text
        self.text = text
        lineCount = 1 + text.count(where: \.isNewline)
        unsafe bytes = .allocate(capacity: text.utf8.count)
        _ = unsafe bytes.initialize(from: text.utf8)
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        isReady = unsafe yaml_parser_initialize(parser) == 1
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe bytes.deallocate()
    }

    /// The next event; behind the last one, that again.
    ///
    /// - Throws: ``YAMLError`` where the text is not YAML.
    mutating func next() throws(YAMLError) -> YAMLEvent {
        guard isReady else { throw .unreadable }
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else {
                throw unsafe YAMLError(ParserFailure(of: parser.pointee), in: text)
            }
            defer { unsafe yaml_event_delete(&event) }
            if let event = unsafe YAMLEvent(event, lineCount: lineCount) { return event }
        }
    }
}

/// A step through a text of YAML.
struct YAMLEvent {
    /// What happens.
    enum Kind {
        case documentStart
        case alias(String)
        case scalar(YAMLScalar)
        case sequenceStart(YAMLTag?)
        case mappingStart(YAMLTag?)
        case collectionEnd
        case streamEnd
    }

    let kind: Kind
    /// The name that the node is given; nil if it is given none.
    let anchor: String?
    /// The line, from 1.
    let line: Int

    /// What an event of libyaml's says; nil if it is of no interest.
    fileprivate init?(_ event: yaml_event_t, lineCount: Int) {
        var anchor: UnsafeMutablePointer<yaml_char_t>?
        let line = min(unsafe Int(event.start_mark.line) + 1, lineCount)
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_ALIAS_EVENT: kind = .alias(unsafe Self.text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            unsafe anchor = scalar.anchor
            let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = .scalar(
                YAMLScalar(
                    text: unsafe String(decoding: text, as: UTF8.self),
                    isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE,
                    tag: unsafe Self.text(scalar.tag).map(YAMLTag.init),
                    line: line
                )
            )
        case YAML_SEQUENCE_START_EVENT:
            unsafe anchor = event.data.sequence_start.anchor
            kind = .sequenceStart(unsafe Self.text(event.data.sequence_start.tag).map(YAMLTag.init))
        case YAML_MAPPING_START_EVENT:
            unsafe anchor = event.data.mapping_start.anchor
            kind = .mappingStart(unsafe Self.text(event.data.mapping_start.tag).map(YAMLTag.init))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: kind = .streamEnd
        default: return nil
        }
        self.anchor = unsafe Self.text(anchor)
        self.line = line
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe pointer.map { unsafe String(cString: $0) }
    }
}
