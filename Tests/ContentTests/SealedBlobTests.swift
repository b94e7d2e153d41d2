// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import NIOCore
import Testing

/// The contract of both kinds of memory.
@Suite("A sealed blob")
struct SealedBlobTests {
    @Test("holds what was appended, with its digest", arguments: SealedMemory.allCases)
    func content(_ memory: SealedMemory) throws {
        let blob = try seal([Array("a".utf8), [], Array("bc".utf8)], in: memory)
        #expect(Array(blob.bytes.readableBytesView) == Array("abc".utf8))
        #expect(blob.count == 3)
        #expect(blob.memory == memory)
        // FIPS 180-4's example.
        #expect(blob.digest.hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("may be empty, or larger than a page", arguments: SealedMemory.allCases, [0, 1, 4095, 4096, 4097, 3_000_001])
    func sizes(_ memory: SealedMemory, _ size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let blob = try seal([bytes], in: memory)
        #expect(Array(blob.bytes.readableBytesView) == bytes)
    }

    @Test("lies in pages that are mapped without the right to write", arguments: SealedMemory.allCases)
    func readOnlyPages(_ memory: SealedMemory) throws {
        let blob = try seal([[1, 2, 3]], in: memory)
        // read(2) into memory that may not be written fails with EFAULT, where an assignment would end the process.
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data([9]))
        let result = unsafe blob.bytes.withUnsafeReadableBytes { bytes in
            unsafe read(
                pipe.fileHandleForReading.fileDescriptor,
                UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                1
            )
        }
        #expect(result == -1)
        #expect(errno == EFAULT)
        #expect(Array(blob.bytes.readableBytesView) == [1, 2, 3])
    }

    @Test("in a memory file cannot be written, shrunk or grown, even by this process")
    func seals() throws {
        let blob = try seal([[1, 2, 3]], in: .memoryFile)
        let descriptor = try #require(blob.descriptor)
        // memfd_create(2), fcntl(2): F_SEAL_WRITE and the like make each of these fail with EPERM.
        #expect(unsafe pwrite(descriptor, [9], 1, 0) == -1)
        #expect(errno == EPERM)
        #expect(ftruncate(descriptor, 1) == -1)
        #expect(errno == EPERM)
        #expect(ftruncate(descriptor, 100) == -1)
        #expect(errno == EPERM)
        let writable = unsafe mmap(nil, 3, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        #expect(unsafe writable == MAP_FAILED)
        #expect(Array(blob.bytes.readableBytesView) == [1, 2, 3])
    }

    @Test("lends slices that outlive it", arguments: SealedMemory.allCases)
    func slices(_ memory: SealedMemory) throws {
        func slice() throws -> ByteBuffer? { try seal([[1, 2, 3, 4]], in: memory).bytes.getSlice(at: 1, length: 2) }
        let slice = try #require(try slice())
        #expect(Array(slice.readableBytesView) == [2, 3])
    }

    @Test("is copied by who writes to its buffer, not changed", arguments: SealedMemory.allCases)
    func copyOnWrite(_ memory: SealedMemory) throws {
        let blob = try seal([[1, 2, 3]], in: memory)
        var copy = blob.bytes
        copy.setInteger(UInt8(9), at: 0)
        copy.writeBytes([4, 5, 6])
        #expect(Array(copy.readableBytesView) == [9, 2, 3, 4, 5, 6])
        #expect(Array(blob.bytes.readableBytesView) == [1, 2, 3])
    }

    @Test("is not begun where there is no room for all of it", arguments: SealedMemory.allCases)
    func room(_ memory: SealedMemory) {
        // More than any address space has.
        for count in [1 << 60, Int.max] {
            let error = #expect(throws: SealError.self) { try SealedBlobWriter(memory: memory, expecting: count).count }
            #expect(error?.errorNumber == ENOMEM)
            #expect(error?.isOfDescriptors == false)
        }
    }

    @Test("gives its memory file back with its last user")
    func descriptors() throws {
        var blob: SealedBlob? = try seal([[1]], in: .memoryFile)
        var status = stat()
        #expect(unsafe fstat(try #require(blob?.descriptor), &status) == 0)
        #expect(try openFiles(withInode: status.st_ino) == 1)
        blob = nil
        #expect(try openFiles(withInode: status.st_ino) == 0)
    }

    private func openFiles(withInode inode: ino_t) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { name in
            var status = stat()
            guard let descriptor = Int32(name), unsafe fstat(descriptor, &status) == 0 else { return false }
            return status.st_ino == inode && status.st_size == 1
        }.count
    }

    private func seal(_ pieces: [[UInt8]], in memory: SealedMemory) throws -> SealedBlob {
        var writer = try SealedBlobWriter(memory: memory)
        for piece in pieces { try writer.append(piece.span) }
        return try writer.seal()
    }
}
