// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A header block that has begun and not ended: its fragments are joined (RFC 9113 §4.3).
struct HTTP2HeaderBlock {
    /// The stream that it is on.
    let stream: UInt32
    /// Whether no content follows it.
    let endsStream: Bool
    /// Whether it says that its stream depends on itself, which none may (RFC 7540 §5.3.1).
    let dependsOnItself: Bool
    /// What has come of it.
    private(set) var bytes: [UInt8] = []
    private var continuations = 0
    private let limit: Int

    /// How many times the limit of header lists a block may take, for the lists that are too large to be answered in full.
    private static let tolerance = 4

    /// A block whose first fragment has come; the limit of header lists, in bytes.
    init(
        stream: UInt32,
        endsStream: Bool,
        dependsOnItself: Bool,
        _ fragment: Span<UInt8>,
        limit: Int
    ) throws(HTTP2ConnectionError) {
        (self.stream, self.endsStream, self.dependsOnItself) = (stream, endsStream, dependsOnItself)
        self.limit = Self.tolerance * limit
        try append(fragment)
    }

    /// Adds the fragment of a CONTINUATION frame.
    mutating func `continue`(_ fragment: Span<UInt8>) throws(HTTP2ConnectionError) {
        continuations += 1
        guard continuations <= HTTP2FloodMeter.mostContinuations else {
            throw HTTP2ConnectionError(.enhanceYourCalm, "a header block has too many CONTINUATION frames")
        }
        try append(fragment)
    }

    private mutating func append(_ fragment: Span<UInt8>) throws(HTTP2ConnectionError) {
        guard bytes.count + fragment.count <= limit else {
            throw HTTP2ConnectionError(.enhanceYourCalm, "a header block has more than \(limit) bytes")
        }
        unsafe fragment.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}
