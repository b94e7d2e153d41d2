// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The texts that were last in requests on a thread: most clients send what others have just sent, and share the memory of it then.
package final class RecentTexts {
    /// A request's path.
    package let path = RecentText()
    /// Whom the client asks; only what names a host.
    package let authority = RecentText()
    /// What the client says that it is.
    package let userAgent = RecentText()

    /// Nothing was sent yet.
    package init() {}
}

/// One text that requests have in common.
package final class RecentText {
    private var text = ""
    private var bytes: [UInt8] = []

    /// The longest text that is kept, in bytes.
    private static let longest = 256

    /// It, if bytes are its UTF-8.
    package func text(ifEqualTo bytes: Span<UInt8>) -> String? {
        // Neither is changed meanwhile.
        let (text, known) = (text, self.bytes)
        return known.span.isEqual(to: bytes) ? text : nil
    }

    /// The text of bytes, in which what is not UTF-8 is replaced.
    package func text(of bytes: Span<UInt8>) -> String {
        if let text = text(ifEqualTo: bytes) { return text }
        let text = unsafe bytes.withUnsafeBufferPointer { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
        if bytes.count <= Self.longest { keep(text, unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }) }
        return text
    }

    /// Keeps a text, and lets go of the former one.
    private func keep(_ text: String, _ bytes: [UInt8]) {
        var former = (text, bytes)
        swap(&former.0, &self.text)
        swap(&former.1, &self.bytes)
    }
}
