// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import SystemPackage

extension PluginConfiguration {
    /// The largest file, in bytes: what a Kubernetes resource has room for.
    static let maximumSize = 1 << 20

    /// Reads a file of JSON or YAML, or a pipe.
    ///
    /// - Throws: ``CommandFailure`` that names the file, the reason and the remedy.
    init(readingFrom path: String) throws(CommandFailure) {
        let bytes: [UInt8]
        do {
            bytes = try Self.contents(of: FilePath(path), most: Self.maximumSize + 1)
        } catch {
            let reason = (error as? Errno) == .noSuchFileOrDirectory ? "does not exist" : "cannot be read: \(error)"
            throw CommandFailure(
                .noInput,
                "\(path): the plugin's configuration \(reason); check the path and who may read it"
            )
        }
        guard bytes.count <= Self.maximumSize else {
            throw CommandFailure(
                .dataError,
                "\(path): has more than 1 MiB, which no gateway takes; leave something out"
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.dataError, "\(path): is not UTF-8 text; write JSON or YAML")
        }
        try self.init(text, from: path)
    }

    /// The beginning of a file, from its start to its end: what is read once can be a pipe.
    private static func contents(of path: FilePath, most: Int) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly)
        return try file.closeAfter {
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
}
