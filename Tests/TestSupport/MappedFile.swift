// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation

/// A file that is mapped into memory: what is written there changes its bytes, but not its size, nor, for a while, its times.
///
/// The system notes a time when a page is written for the first time since it was last on the disk (mmap(2), "Timestamps
/// changes for file-backed mappings").
@safe package final class MappedFile {
    /// Where it is.
    package let path: String

    private let bytes: UnsafeMutableRawBufferPointer

    /// Writes a file, and maps it.
    package init(_ content: [UInt8], at path: String) throws {
        self.path = path
        try Data(content).write(to: URL(filePath: path))
        let descriptor = unsafe open(path, O_RDWR)
        defer { close(descriptor) }
        let memory = unsafe mmap(nil, content.count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else { throw CocoaError(.fileReadUnknown) }
        unsafe bytes = UnsafeMutableRawBufferPointer(start: memory, count: content.count)
        overwrite(with: content)
    }

    deinit {
        unsafe munmap(bytes.baseAddress, bytes.count)
    }

    /// Changes its bytes to as many others.
    package func overwrite(with content: [UInt8]) {
        unsafe bytes.copyBytes(from: content)
    }
}
