// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog
internal import NIOCore
internal import ServerClient
internal import ServerInterface

/// Fetches one digest from a peer that has it.
///
/// 0. Nothing is begun for which there is no memory.
/// 1. One peer is asked. If it fails or stalls, the next one is.
/// 2. If it takes long, a second is asked beside it, and then a third.
/// 3. The first whose bytes have the digest and may be served wins; the others are hung up on.
struct PeerFetch: Sendable {
    /// How long it takes.
    struct Timing: Sendable {
        /// All of it.
        var deadline = Duration.seconds(10)
        /// Before another peer is asked beside those that were.
        var hedgingDelay = Duration.milliseconds(500)
    }

    /// How many peers are asked at the same time.
    private static let maximumCount = 3

    private enum Event: Sendable {
        case got(SealedBlob)
        case failed(Holder, PeerError)
        case isSlow
    }

    let client: PeerClient
    let store: any ModuleStore
    let observer: any PeerObserver
    /// Why digests are fetched.
    let reason: KeptModule.Reason
    /// What all fetches together may have received, with what could not be kept and is still being sent.
    let memory: SharedBudget
    /// Whether what is kept has left the memory of the fetches.
    var givesKeptBack = true
    var timing = Timing()

    /// Fetches a digest, and has it kept.
    ///
    /// - Parameters:
    ///   - digest: What is fetched.
    ///   - first: Who is asked first.
    ///   - lastUsed: When it was last used where it comes from, in seconds since 1970; nil for now.
    ///   - next: Is told of each setback, and tells who is to be asked next, if anyone is.
    /// - Returns: The bytes; nil if nobody gave them in time.
    @concurrent
    func blob(
        of digest: Digest,
        first: Holder,
        lastUsed: Int64?,
        next: @Sendable (Setback) -> Holder?
    ) async -> SealedBlob? {
        guard first.size <= memory.free else {
            observer.peersDid(.fetchFailed(first.peer, digest, .noMemory))
            _ = next(.failed(first.peer, .noMemory))
            return nil
        }
        let end = ContinuousClock.now + timing.deadline
        return await withTaskGroup(of: Event.self) { group in
            defer { group.cancelAll() }
            var count = 0
            func begin(_ holder: Holder) {
                count += 1
                group.addTask { await ask(holder, for: digest, lastUsed: lastUsed, until: end) }
            }
            func beginDelay() {
                group.addTask {
                    try? await Task.sleep(for: timing.hedgingDelay)
                    return .isSlow
                }
            }
            begin(first)
            beginDelay()
            while let event = await group.next(), !Task.isCancelled {
                switch event {
                case .got(let blob):
                    return blob
                case .failed(let holder, let error):
                    count -= 1
                    let another = next(.failed(holder.peer, error))
                    // Others would give the same bytes.
                    if case .inadmissible = error { return nil }
                    if ContinuousClock.now < end, let another { begin(another) }
                    guard count > 0 else { return nil }
                case .isSlow:
                    if count < Self.maximumCount, let another = next(.slow) { begin(another) }
                    beginDelay()
                }
            }
            return nil
        }
    }

    private func ask(
        _ holder: Holder,
        for digest: Digest,
        lastUsed: Int64?,
        until end: ContinuousClock.Instant
    ) async -> Event {
        let begin = ContinuousClock.now
        let reservation = MemoryReservation(on: memory)
        do throws(PeerError) {
            let blob = try await client.get(
                DigestPath.text(of: digest),
                from: holder.peer,
                within: end - begin,
                lengths: holder.size...holder.size
            ) { content throws(PeerError) in
                try await Self.seal(content, of: holder.size, reservation)
            }
            guard blob.digest == digest else { throw .otherBytes }
            let given = try keep(blob, from: holder.peer, lastUsed: lastUsed, reservation)
            observer.peersDid(
                .fetched(holder.peer, digest, byteCount: blob.count, duration: ContinuousClock.now - begin)
            )
            return .got(given)
        } catch {
            reservation.end()
            if error != .cancelled { observer.peersDid(.fetchFailed(holder.peer, digest, error)) }
            return .failed(holder, error)
        }
    }

    /// Keeps bytes.
    ///
    /// A blob that was sought but is not kept goes to the searches that wait for it.
    /// It counts as memory of the fetches until it is sent.
    private func keep(
        _ blob: SealedBlob,
        from peer: Peer,
        lastUsed: Int64?,
        _ reservation: MemoryReservation
    ) throws(PeerError) -> SealedBlob {
        let kept: SealedBlob?
        do throws(CatalogError) {
            kept = try store.keep(blob, from: "peer \(peer)", for: reason, lastUsed: lastUsed)
        } catch {
            throw .inadmissible(error.reason)
        }
        guard let kept else {
            guard reason == .sought else { throw .noMemory }
            blob.accompany(reservation)
            return blob
        }
        if givesKeptBack { reservation.end() } else { reservation.settle() }
        return kept
    }

    /// Seals content while it comes.
    private static func seal(
        _ content: PeerContent,
        of count: Int,
        _ reservation: MemoryReservation
    ) async throws(PeerError) -> SealedBlob {
        do {
            var writer = try SealedBlobWriter(expecting: count)
            while let chunk = try await content.next() {
                guard reservation.add(chunk.readableBytes) else { throw PeerError.noMemory }
                try writer.append(chunk.readableBytesUInt8Span)
            }
            return try writer.seal()
        } catch let error as PeerError {
            throw error
        } catch let error as SealError {
            throw .lacking(error.isOfDescriptors ? .descriptors : .memory)
        } catch {
            throw .noMemory
        }
    }
}
