// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPService

/// The last head that was read on a thread: most clients send just what was sent before, and nothing of it is read again then.
///
/// What a head says depends on its bytes and on its listener, so the same bytes say the same.
final class RecentHead {
    private var bytes: [UInt8] = []
    private var head: HTTP1Head?

    /// The longest head that is kept, in bytes.
    private static let longest = 512

    /// What bytes that a client begins with say, and how many of them, if it is the head that was read last.
    func head(at start: Span<UInt8>) -> (head: HTTP1Head, length: Int)? {
        // Neither is changed meanwhile.
        let (head, known) = (head, bytes)
        guard let head, known.count <= start.count, known.span.isEqual(to: start.extracting(..<known.count)) else {
            return nil
        }
        return (head, known.count)
    }

    /// Keeps a head, and lets go of the former one.
    func keep(_ head: HTTP1Head, of bytes: Span<UInt8>) {
        guard bytes.count <= Self.longest else { return }
        var known: [UInt8] = []
        swap(&known, &self.bytes)
        known.removeAll(keepingCapacity: true)
        unsafe bytes.withUnsafeBufferPointer { unsafe known.append(contentsOf: $0) }
        swap(&known, &self.bytes)
        var former: HTTP1Head? = head
        swap(&former, &self.head)
    }
}
