// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content

/// A file in PEM (RFC 7468) that holds certificates or a key: small, and read at a stroke.
package enum PEMFile {
    /// The most bytes that such a file may have; a bundle of all public authorities has a fifth of that.
    package static let maximumSize = 1 << 20

    /// Reads a file, links followed; it may wait for the disk.
    ///
    /// - Parameters:
    ///   - path: The file's path.
    ///   - mayBePipe: Whether whatever gives bytes will do, as to a command that reads it once, and may have it wait.
    /// - Returns: All of its bytes, without byte order marks: PEM is ASCII (RFC 7468 §3), but some editors put such a mark before
    ///   it, and whoever joins such files gets more of them. BoringSSL would pass over the certificate behind one.
    /// - Throws: ``TLSError``, if it is missing, unreadable, too large or no regular file.
    package static func read(_ path: String, mayBePipe: Bool = false) throws(TLSError) -> [UInt8] {
        var facts = platform_facts()
        let descriptor = unsafe mayBePipe ? platform_open_waiting(path, &facts) : platform_open(path, &facts)
        guard descriptor >= 0 else { throw error(-descriptor, at: path) }
        defer { platform_close(descriptor) }
        guard facts.kind == platform_regular || mayBePipe && facts.kind == platform_other else {
            throw unreadable(path, "is not a regular file", "name a PEM file")
        }
        // The size may lie or change, so it is not trusted: one byte more than is allowed tells.
        var bytes = [UInt8](repeating: 0, count: min(max(Int(facts.size), 0), maximumSize) + 1)
        var count = 0
        while count < bytes.count {
            let result = unsafe bytes.withUnsafeMutableBytes { bytes in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
                return unsafe platform_read(descriptor, rest.baseAddress, rest.count)
            }
            guard result >= 0 else { throw error(Int32(-result), at: path) }
            if result == 0 { return withoutMarks(bytes[..<count]) }
            count += result
            if count == bytes.count, count <= maximumSize {
                bytes += [UInt8](repeating: 0, count: maximumSize + 1 - count)
            }
        }
        throw unreadable(
            path,
            "has more than \(maximumSize >> 20) MiB",
            "name a PEM file that holds only what is needed"
        )
    }

    /// Leaves out byte order marks; files are read each second, and hardly any has a byte that begins one.
    private static func withoutMarks(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard bytes.contains(mark[0]) else { return Array(bytes) }
        var kept: [UInt8] = []
        var rest = bytes
        while let byte = rest.first {
            if rest.starts(with: mark) {
                rest = rest.dropFirst(mark.count)
            } else {
                kept.append(byte)
                rest = rest.dropFirst()
            }
        }
        return kept
    }

    /// A byte order mark in UTF-8.
    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]

    private static func error(_ number: Int32, at path: String) -> TLSError {
        let fault = FileFault(number)
        return unreadable(path, fault.reason, fault.remedy)
    }

    private static func unreadable(_ path: String, _ reason: String, _ remedy: String) -> TLSError {
        TLSError(file: path, reason: reason, remedy: remedy, isUnreadable: true)
    }
}
