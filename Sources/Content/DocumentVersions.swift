// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import Synchronization

/// Lives as long as anyone holds a version of a document.
final class DocumentLife: Sendable {}

/// The versions of a document that are still in memory: the present one, and each that a client takes its time to take.
package final class DocumentVersions: Sendable {
    private struct Version {
        weak var life: DocumentLife?
        let byteCount: Int
    }

    private let limit: Int
    private let versions = Mutex<[Version]>([])

    /// No versions yet.
    ///
    /// - Parameter limit: How many bytes all of them may take before no further one should be made.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Makes the next version.
    package func next(_ bytes: [UInt8]) -> SharedBytes {
        let life = DocumentLife()
        versions.withLock { $0.append(Version(life: life, byteCount: bytes.count)) }
        return SharedBytes(ByteBuffer(bytes: bytes), life: life)
    }

    /// Whether there is room for one more: always for one beside the present one.
    package var haveRoom: Bool {
        versions.withLock { versions in
            versions.removeAll { $0.life == nil }
            return versions.count <= 1 || versions.reduce(0) { $0 + $1.byteCount } <= limit
        }
    }
}
