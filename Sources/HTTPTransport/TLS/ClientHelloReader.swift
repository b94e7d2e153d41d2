// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Puts a client's first message together, however it is cut into records and segments (RFC 8446 §5.1).
///
/// It judges nothing: what can be no ClientHello is left to whoever shakes hands.
struct ClientHelloReader {
    /// What has come up to now.
    enum Progress: Equatable {
        /// The beginning of a message, or nothing.
        case incomplete
        /// The whole message: what follows its type and its length.
        case complete([UInt8])
        /// Something else.
        case other
    }

    /// What is there of the head of a record.
    private var head: [UInt8] = []
    /// How many bytes of a record are still to come.
    private var rest = 0
    /// What is there of the message, with its own head.
    private var message: [UInt8] = []

    /// The most that BoringSSL takes for a ClientHello, in bytes.
    static let maximumSize = 16 << 10

    private static let recordHeadSize = 5
    private static let messageHeadSize = 4
    /// The most that a record holds before it is encrypted, in bytes (RFC 8446 §5.1).
    private static let maximumRecordSize = 1 << 14
    /// The type of a record that carries a handshake (RFC 8446 §5.1).
    private static let handshake: UInt8 = 22
    /// The type of the message (RFC 8446 §4).
    private static let clientHello: UInt8 = 1

    /// Takes what comes next; nothing may once the message is complete or is something else.
    mutating func read(_ bytes: Span<UInt8>) -> Progress {
        var offset = 0
        while offset < bytes.count {
            if rest == 0 {
                head.append(bytes[offset])
                offset += 1
                guard head.count == Self.recordHeadSize else { continue }
                guard beginRecord() else { return .other }
            } else {
                let end = offset + min(rest, bytes.count - offset)
                rest -= end - offset
                while offset < end {
                    message.append(bytes[offset])
                    offset += 1
                }
                if rest == 0, let outcome { return outcome }
            }
        }
        return .incomplete
    }

    /// Begins the record whose head is there; false if it carries no handshake.
    private mutating func beginRecord() -> Bool {
        defer { head.removeAll(keepingCapacity: true) }
        rest = Int(head[3]) << 8 | Int(head[4])
        return head[0] == Self.handshake && head[1] == 3 && 1...Self.maximumRecordSize ~= rest
    }

    /// What the message is at the end of a record; nil as long as it may become one.
    private var outcome: Progress? {
        guard message.first == Self.clientHello else { return .other }
        guard message.count >= Self.messageHeadSize else { return nil }
        let size = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
        let count = message.count - Self.messageHeadSize
        guard size <= Self.maximumSize, count <= size else { return .other }
        return count == size ? .complete(Array(message[Self.messageHeadSize...])) : nil
    }
}
