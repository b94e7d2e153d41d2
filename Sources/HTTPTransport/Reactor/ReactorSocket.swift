// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
internal import CPlatform
internal import HTTPProtocol
internal import HTTPService

/// The socket of a connection in the clear, on a reactor.
///
/// What a client asks for is mostly there when its connection is accepted, so that is looked for first. If the connection goes on,
/// it is waited for once and for all, and each change is told (EPOLLET). So it remembers what it was told: whether there may
/// be input, and whether there may be more behind the next that is received.
final class ReactorSocket: ConnectionSocket, ReactorWatcher {
    private let descriptor: CInt
    private let loop: ReactorLoop
    private let bufferBudget: SendBufferBudget
    /// Is told that the connection has ended.
    private let gate: AcceptGate
    private var connection: Connection?
    /// By what the loop knows it; nil as long as nothing is waited for.
    private var key: Int?
    /// Whether room for output is waited for.
    private var awaitsOutput = false
    /// Whether there may be input that was not received.
    private var isReadable = true
    /// Whether more may follow what does not fill the buffer: the end of the client's side, or what is behind urgent data.
    private var mayHaveMore = false
    private var isReceiving = false
    /// Whether it has its turn to receive behind others.
    private var receivesLater = false
    /// How much the system is offered at a time, in bytes: hardly more than it took the last time it did not take all.
    private var offer = mostOffered
    /// Whether the system may hold as much for the client as it likes.
    private var hasLargeBuffer = false
    private var hasLimitedBuffer = false
    /// Whether a part of a memory file was sent whole.
    private var hasSentFile = false

    /// How much the system may hold beyond what the client's window lets it send, in bytes.
    static let unsentSize = 64 << 10
    /// How much it may hold where that is limited, in bytes; Linux doubles it for its own needs.
    private static let limitedBufferSize: CInt = 256 << 10
    /// The least, and the most, that the system is offered at a time, in bytes.
    private static let (leastOffered, mostOffered) = (128 << 10, 1 << 20)
    /// How often input is received before others get their turn.
    static let mostAtATime = 16

    /// A socket that was let in by a gate, and accepted on a loop.
    init(_ descriptor: CInt, on loop: ReactorLoop, behind gate: AcceptGate, bufferBudget: SendBufferBudget) {
        (self.descriptor, self.loop) = (descriptor, loop)
        (self.gate, self.bufferBudget) = (gate, bufferBudget)
    }

    /// Begins to carry a connection.
    func begin(from client: ClientAddress, in registry: ConnectionRegistry) {
        let connection = Connection(self, from: client, in: registry)
        hold(connection)
        registry.add(connection)
        receive()
        watch(registry.schedule)
    }

    /// Has the loop watch it; where the system lets nobody watch another socket, nobody is accepted for a while, and it is tried
    /// again then.
    private func watch(_ schedule: @escaping ConnectionRegistry.Schedule) {
        guard connection != nil else { return }
        do throws(SocketError) {
            key = try loop.watch(descriptor, awaitingOutput: awaitsOutput, self)
        } catch {
            gate.watchFailed(error.number, schedule)
            schedule(AcceptGate.systemPause) { self.watch(schedule) }
        }
    }

    private func hold(_ connection: Connection?) {
        var former = connection
        swap(&former, &self.connection)
    }

    // MARK: Input

    func isReady(_ readiness: platform_readiness) {
        guard let connection else { return }
        guard readiness.has_failed == 0 else { return connection.socketFailed() }
        if readiness.has_more != 0 { mayHaveMore = true }
        if readiness.is_writable != 0, awaitsOutput { connection.socketTakesOutput() }
        if readiness.is_readable != 0 || mayHaveMore {
            isReadable = true
            receive()
        }
    }

    func resumeReceiving() {
        guard isReadable, !isReceiving else { return }
        receive()
    }

    private func receive() {
        // A client that sends without end has one turn among others, however often more comes meanwhile.
        guard !receivesLater else { return }
        isReceiving = true
        defer { isReceiving = false }
        var rounds = 0
        while isReadable, let connection, connection.wantsInput {
            guard rounds < Self.mostAtATime else { return receiveLater() }
            rounds += 1
            let buffer = unsafe loop.inputBuffer
            let count = unsafe platform_receive(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                // Less than there was room for is mostly all that there was.
                if count < buffer.count, !mayHaveMore { isReadable = false }
                let bytes = unsafe UnsafeBufferPointer(rebasing: buffer[..<count])
                unsafe connection.receive(bytes.span)
            } else if count == 0 {
                isReadable = false
                connection.inputEnded()
            } else if count == -Int(EAGAIN) || count == -Int(EINTR) {
                isReadable = count == -Int(EINTR)
            } else {
                connection.socketFailed()
            }
        }
    }

    private func receiveLater() {
        receivesLater = true
        loop.schedule(after: .zero) { [weak self] in
            self?.receivesLater = false
            self?.receive()
        }
    }

    // MARK: Output

    func send(_ output: OutputQueue) -> SendOutcome {
        if output.byteCount > Self.unsentSize { takeLargeBuffer() }
        let (count, wanted): (Int, Int)
        if let (file, range) = output.nextOfFile {
            if hasSentFile { limitBuffer() }
            wanted = range.count
            count = platform_send_file(descriptor, file, Int64(range.lowerBound), range.count)
            if count == wanted { hasSentFile = true }
        } else {
            (count, wanted) = sendPieces(of: output)
            if wanted > Self.unsentSize { limitBuffer() }
            offer = min(max(Self.leastOffered, (count < wanted ? count : offer) * 2), Self.mostOffered)
        }
        guard count >= 0 || count == -Int(EAGAIN) || count == -Int(EINTR) else { return .failed }
        output.advance(by: max(count, 0))
        // Less than there was is all that there is room for.
        guard count < wanted, count != -Int(EINTR) else { return .sent }
        awaitOutput()
        return .blocked
    }

    /// Has the system hold as much as it likes, if others leave room for that.
    private func takeLargeBuffer() {
        guard !hasLargeBuffer, bufferBudget.take() else { return }
        hasLargeBuffer = true
        _ = platform_limit_unsent(descriptor, 0)
    }

    /// Limits what the system holds to what the processor's caches do, too, as the client reads it from there.
    ///
    /// That pays where it is copied, and for a client that is sent one module behind another; one that has just come, and is sent
    /// references to a memory file, is better served the fewer calls it takes.
    private func limitBuffer() {
        guard !hasLimitedBuffer else { return }
        hasLimitedBuffer = true
        _ = platform_limit_buffer(descriptor, Self.limitedBufferSize)
    }

    func check() {
        guard hasLargeBuffer, !hasUnacknowledgedOutput else { return }
        giveLargeBufferBack()
        _ = platform_limit_unsent(descriptor, CInt(Self.unsentSize))
    }

    private func giveLargeBufferBack() {
        hasLargeBuffer = false
        bufferBudget.giveBack()
    }

    private func awaitOutput() {
        guard !awaitsOutput else { return }
        awaitsOutput = true
        if let key { loop.awaitOutput(descriptor, key: key) }
    }

    private func sendPieces(of output: OutputQueue) -> (sent: Int, wanted: Int) {
        let pieces = unsafe loop.pieces
        return unsafe output.withPieces(upTo: pieces.count, bytes: offer, sparingFiles: true) {
            memory,
            somethingFollows in
            var wanted = 0
            for index in memory.indices {
                unsafe pieces[index] = platform_piece(bytes: memory[index].baseAddress, length: memory[index].count)
                wanted += unsafe memory[index].count
            }
            let sent = unsafe platform_send(
                descriptor,
                pieces.baseAddress,
                CInt(memory.count),
                somethingFollows ? 1 : 0
            )
            return (sent, wanted)
        }
    }

    var acknowledged: Int? {
        let count = platform_acknowledged(descriptor)
        return count >= 0 ? Int(count) : nil
    }

    var hasUnacknowledgedOutput: Bool { platform_unacknowledged(descriptor) > 0 }

    // MARK: The end

    var mayCloseAtOnce: Bool { !isReadable && !hasUnacknowledgedOutput }

    func shutOutput() { _ = platform_shut_output(descriptor) }

    func close(resets: Bool) {
        guard let connection else { return }
        hold(nil)
        if resets { _ = platform_reset_on_close(descriptor) }
        if let key { loop.forget(key) }
        platform_close(descriptor)
        if hasLargeBuffer { giveLargeBufferBack() }
        connection.socketClosed()
        gate.removed(connection.client)
    }

    func whenDelivered(_ response: DeferredResponse, _ receiver: @escaping (Response) -> Void) {
        let number = loop.expect(receiver)
        let reactor = loop.reactor
        response.whenDelivered { response in
            reactor.run { loop in loop.deliver(response, number) }
        }
    }
}
#endif
