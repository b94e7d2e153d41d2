// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore

/// The one way into a ``SealedBlob``: append bytes, then seal.
///
/// 1. Bytes are copied into memory that nobody else has a name for.
/// 2. `seal()` forbids every further change,
/// 3. maps the sealed memory read-only,
/// 4. and only then hashes it, from that mapping: what was hashed is what will be sent.
package struct SealedBlobWriter: ~Copyable {
    /// How many bytes have been appended.
    package private(set) var count = 0

    private let file: MemoryFile?
    /// What was appended, where there is no memory file to append to.
    private var pending = ByteBuffer()

    /// An empty writer.
    ///
    /// - Parameters:
    ///   - memory: The kind of memory to use; without one, a memory file if the system offers it.
    ///   - expectedCount: How many bytes will be appended, if that is known.
    /// - Throws: ``SealError`` if that kind was asked for and is not to be had, or if so many bytes would take what the
    ///   server needs besides them.
    package init(memory: SealedMemory? = nil, expecting expectedCount: Int = 0) throws(SealError) {
        guard platform_has_room(max(expectedCount, 0)) != 0 else {
            throw SealError(call: "mmap", errorNumber: SealError.outOfMemory)
        }
        switch memory {
        case .memoryFile: file = try MemoryFile()
        case .protectedMapping: file = nil
        case nil: file = try MemoryFile.ifSupported()
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SealError`` when there is no memory for them.
    package mutating func append(_ bytes: Span<UInt8>) throws(SealError) {
        if let file {
            let result = unsafe bytes.withUnsafeBytes { bytes in
                unsafe platform_write(file.descriptor, bytes.baseAddress, bytes.count, nil)
            }
            guard result == 0 else { throw SealError(call: "write", errorNumber: -result) }
        } else {
            unsafe pending.writeBytes(bytes.bytes)
        }
        count += bytes.count
    }

    /// Seals what was appended, and hashes it.
    ///
    /// - Throws: ``SealError`` when the system rejects the seals or the mapping.
    package consuming func seal() throws(SealError) -> SealedBlob {
        let bytes: ByteBuffer
        if let file {
            bytes = try Self.sealedMapping(of: file, count: count)
        } else {
            bytes = try Self.protectedCopy(of: pending)
        }
        return SealedBlob(bytes: bytes, file: file)
    }

    private static func sealedMapping(of file: MemoryFile, count: Int) throws(SealError) -> ByteBuffer {
        let sealed = platform_seal(file.descriptor)
        guard sealed == 0 else { throw SealError(call: "fcntl", errorNumber: -sealed) }
        var failure: Int32 = 0
        guard let pages = unsafe platform_map(file.descriptor, count, &failure) else {
            throw SealError(call: "mmap", errorNumber: failure)
        }
        return unsafe ByteBuffer(ownedMapping: pages, count: count)
    }

    private static func protectedCopy(of buffer: ByteBuffer) throws(SealError) -> ByteBuffer {
        let source = buffer.readableBytesSpan
        guard let pages = unsafe platform_allocate(source.byteCount) else {
            throw SealError(call: "mmap", errorNumber: SealError.outOfMemory)
        }
        unsafe source.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe platform_copy(pages, start, source.count)
        }
        let result = unsafe platform_protect(pages)
        guard result == 0 else {
            unsafe platform_deallocate(pages)
            throw SealError(call: "mprotect", errorNumber: -result)
        }
        return unsafe ByteBuffer(ownedMapping: pages, count: source.byteCount)
    }
}

/// Why bytes could not be sealed: the system had no memory for them.
package struct SealError: Error, Equatable, CustomStringConvertible {
    /// `ENOMEM`, for the calls that say no more than that they failed.
    static let outOfMemory: Int32 = 12

    /// `EPERM`, `EACCES`, `EINVAL` and `ENOSYS`: a kernel or a sandbox that does not know a call, or forbids it.
    static let unsupported: Set<Int32> = [1, 13, 22, 38]

    /// `EMFILE` and `ENFILE`.
    private static let outOfDescriptors: Set<Int32> = [24, 23]

    /// Whether it is descriptors that there were too few of, and not memory.
    package var isOfDescriptors: Bool { Self.outOfDescriptors.contains(errorNumber) }

    /// The system call that failed.
    package let call: String
    /// Its error number.
    package let errorNumber: Int32

    /// The call and its error number.
    package var description: String { "\(call): error \(errorNumber)" }
}
