// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import SystemPackage

/// A file of text that a person wrote: not large, and in UTF-8.
enum TextFile {
    /// Reads a file from its start to its end, once: it may be a pipe.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - role: What it is, for messages: `the configuration file`.
    ///   - most: How many bytes it may have.
    ///   - status: How the command ends if it is too large, or no text.
    ///   - descriptor: What is read in its place, and left open; nil for the file.
    /// - Returns: The text.
    /// - Throws: ``CommandFailure`` that names the file, the reason and the remedy.
    static func read(
        _ path: String,
        as role: String,
        most: Int,
        else status: ExitStatus,
        from descriptor: FileDescriptor? = nil
    ) throws(CommandFailure) -> String {
        let bytes: [UInt8]
        do {
            if let descriptor {
                bytes = try contents(of: descriptor, most: most + 1)
            } else {
                let file = try FileDescriptor.open(FilePath(path), .readOnly)
                bytes = try file.closeAfter { try contents(of: file, most: most + 1) }
            }
        } catch {
            let reason = (error as? Errno) == .noSuchFileOrDirectory ? "does not exist" : "cannot be read: \(error)"
            throw CommandFailure(.noInput, "\(path): \(role) \(reason); check the path and who may read it")
        }
        guard bytes.count <= most else {
            throw CommandFailure(status, "\(path): \(role) has more than \(ByteCount.text(most)); leave something out")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(status, "\(path): \(role) is not UTF-8 text; save it as UTF-8")
        }
        return text
    }

    private static func contents(of file: FileDescriptor, most: Int) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            while count < most {
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]
                )
                let taken = try unsafe file.read(into: rest)
                if taken == 0 { return }
                count += taken
            }
        }
    }
}
