// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore

/// Part of a sealed blob on its way into a plain socket.
///
/// From a memory file it is sent with `sendfile(2)`, which copies nothing in this process; otherwise, and where the part
/// is too small to be worth two system calls, as a slice of the sealed pages.
struct BlobContent {
    /// What to write to the channel.
    let data: IOData
    /// Holds the descriptor open for as long as the write may need it.
    private let blob: SealedBlob
    private let handle: NIOFileHandle?

    /// From how many bytes on a part is sent with `sendfile(2)`.
    private static let sendfileThreshold = 64 << 10

    init(_ blob: SealedBlob, _ range: Range<Int>) {
        self.blob = blob
        if let descriptor = blob.descriptor, range.count >= Self.sendfileThreshold {
            let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
            data = .fileRegion(
                FileRegion(fileHandle: handle, readerIndex: range.lowerBound, endIndex: range.upperBound)
            )
            self.handle = handle
        } else {
            data = .byteBuffer(blob.slice(range))
            handle = nil
        }
    }

    /// Gives the descriptor back to the blob.
    ///
    /// To be called once the write has ended, in whatever way.
    func release() {
        // The handle was open until now, and nobody else has it: this cannot fail, and must not close.
        _ = try? handle?.takeDescriptorOwnership()
    }
}

extension SealedBlob {
    /// Part of the bytes, shared with the blob.
    func slice(_ range: Range<Int>) -> ByteBuffer {
        guard let slice = bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) else {
            preconditionFailure("a range of a blob lies within it")
        }
        return slice
    }
}

/// Content on its way into a TLS connection: a slice at a time.
///
/// Whatever is written there is encrypted at once, into memory of its own. So the next slice waits until the socket has
/// room for it, and a client that takes nothing holds no more than one.
struct SlicedContent {
    private var rest: ByteBuffer
    private let size: Int
    private let promise: EventLoopPromise<Void>

    /// A content in slices of up to `size` bytes; the promise is kept when the last one was handed to the system.
    init(_ bytes: ByteBuffer, size: Int, promise: EventLoopPromise<Void>) {
        rest = bytes
        self.size = size
        self.promise = promise
    }

    /// Writes slices for as long as the socket takes them, and tells whether the last one was written.
    mutating func writeNext(_ context: ChannelHandlerContext) -> Bool {
        while context.channel.isWritable {
            guard let slice = rest.readSlice(length: min(size, rest.readableBytes)) else { return true }
            let isLast = rest.readableBytes == 0
            context.writeAndFlush(NIOAny(IOData.byteBuffer(slice)), promise: isLast ? promise : nil)
            if isLast { return true }
        }
        return false
    }

    /// Gives up: the connection has ended.
    func fail() {
        promise.fail(ChannelError.ioOnClosedChannel)
    }
}
