// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
@_spi(CustomByteBufferAllocator) internal import NIOCore

/// The two kinds of memory that bytes can be sealed in.
package enum SealedMemory: Sendable, CaseIterable {
    /// A memory file whose seals forbid writing, shrinking and growing to everyone, this process included
    /// (Linux, `memfd_create(2)`).
    case memoryFile
    /// A private mapping that is made read-only. Nothing outside the process reaches it; within, only a deliberate
    /// `mprotect(2)` could undo it. For systems without memory files, or sandboxes that forbid them.
    case protectedMapping
}

/// Frees a memory file's descriptor with its last user.
final class MemoryFile: Sendable {
    let descriptor: Int32

    /// A new, empty memory file.
    ///
    /// - Throws: ``SealError`` where the system offers none.
    init() throws(SealError) {
        descriptor = unsafe platform_memory_file("wasm-server")
        guard descriptor >= 0 else { throw SealError(call: "memfd_create", errorNumber: -descriptor) }
    }

    /// A new, empty memory file; nil where the system, or the sandbox, has none to offer.
    ///
    /// - Throws: ``SealError`` where it could offer one and has run out of something, such as descriptors.
    static func ifSupported() throws(SealError) -> MemoryFile? {
        do {
            return try MemoryFile()
        } catch {
            guard SealError.unsupported.contains(error.errorNumber) else { throw error }
            return nil
        }
    }

    deinit {
        platform_close(descriptor)
    }
}

extension ByteBuffer {
    /// A buffer over a mapping of `CPlatform`, which it owns: the pages go when its last slice goes.
    ///
    /// The pages may be read-only. Nothing writes into them: a buffer copies before it writes unless it alone holds its
    /// storage, and here the blob always holds it too.
    init(ownedMapping memory: UnsafeMutableRawPointer, count: Int) {
        let allocator = unsafe ByteBufferAllocator(
            allocate: { size in unsafe platform_allocate(size) },
            reallocate: { memory, old, new in unsafe platform_reallocate(memory, old, new) },
            deallocate: { memory in unsafe platform_deallocate(memory) },
            copy: { target, source, count in unsafe platform_copy(target, source, count) }
        )
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: memory, count: count)
        unsafe self.init(takingOwnershipOf: bytes, allocator: allocator)
    }
}
