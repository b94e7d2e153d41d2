// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HPACK
package import HTTPService

/// One HTTP/2 connection (RFC 9113).
///
/// 1. Frames are looked at where they were received; only one that has not come whole is held.
/// 2. A request is answered where its header block ends, with its head and, if it is short, its content. Longer content follows as
///    the windows allow, and as the socket takes it; streams take turns.
/// 3. An answer that comes later is sent when it comes, and other streams go on meanwhile. If its stream is closed by then, nothing
///    is sent.
/// 4. Content of requests is thrown away, as much as a stream's window lets through. A client that has not ended its request a
///    second behind its answer is told to stop with RST_STREAM and NO_ERROR (§8.1), and not before: curl and proxies throw the
///    answer away that they have not read by then (envoyproxy/envoy#44749).
/// 5. While the client does not take what it is sent, nothing more is read that would cause more.
package final class HTTP2Connection: ProtocolConnection {
    unowned let host: any ConnectionHost
    /// What it shares with others.
    let context: HTTP2ListenerContext
    /// Gives the answers.
    let responder: any Responder
    /// The client's address and port.
    let client: ClientAddress
    /// Who the client is by its certificate; nil if it has shown none.
    let clientIdentity: CertifiedIdentity?
    /// The most of a frame with content that is sent, in bytes.
    let framePayload: Int

    // MARK: Input

    /// What was received and could not be used yet.
    private(set) var held: [UInt8] = []
    /// Whether the client's preface has come.
    var hasPreface = false
    /// Whether the frame behind that has come, which is SETTINGS.
    var hasSettings = false
    /// A header block whose end has not come.
    var headerBlock: HTTP2HeaderBlock?
    /// How many frames have come whole; those of one header block count as one.
    var received = 0
    /// Whether the client will send nothing more.
    private(set) var inputHasEnded = false
    var meter: HTTP2FloodMeter
    var decoder = HPACKDecoder()

    // MARK: State

    var settings = HTTP2ClientSettings()
    /// Whether the client has acknowledged the server's.
    var limitIsKnown = false
    var flow = HTTP2FlowControl()
    var streams = HTTP2Streams()
    /// How many answers were begun whose end was not told yet.
    var answers = 0
    /// How many of them have their end in the output.
    var endsInOutput = 0
    /// The stream from which on the next one is that may send content.
    var nextToSend: UInt32 = 0

    // MARK: Output and end

    /// Whether the server's preface is sent.
    private var isOpen = false
    var gate = HTTP2OutputGate()
    var drain = HTTP2Drain()
    /// How it ends; nil as long as it does not.
    private(set) var conclusion: ConnectionEnding?
    package var ending: ConnectionEnding? { conclusion }
    /// Whether nothing can be sent any more.
    private(set) var hasEnded = false

    /// A connection on which nothing was received yet.
    ///
    /// - Parameters:
    ///   - host: Whoever has its socket.
    ///   - context: What it shares with the others of its listener on this thread.
    ///   - framePayload: The most of a frame with content that is sent, in bytes, if the client allows as much.
    package init(_ host: any ConnectionHost, in context: HTTP2ListenerContext, framePayload: Int = 1 << 14) {
        (self.host, self.context, self.framePayload) = (host, context, framePayload)
        (responder, client, clientIdentity) = (host.responder, host.client, host.clientIdentity)
        meter = HTTP2FloodMeter(context.limits)
    }

    // MARK: What it waits for

    package var wantsInput: Bool { ending == nil && !inputHasEnded && !gate.holdsInput }

    package var hasAsked: Bool { streams.last > 0 }

    package var waitState: WaitState {
        let sending = answers - streams.awaited
        guard ending == nil, !hasEnded else { return WaitState(answers: max(sending, 1)) }
        // Whatever else comes before it, the first request has its own deadline.
        guard hasAsked else { return WaitState(head: 0) }
        let isWithinFrame = !held.isEmpty || headerBlock != nil
        return WaitState(
            head: isWithinFrame && !gate.holdsInput ? received : nil,
            request: answers == 0 ? Int(streams.last) : nil,
            answers: sending
        )
    }

    // MARK: What happens

    package func receive(_ bytes: Span<UInt8>, _ turn: Turn) {
        guard ending == nil else { return }
        open(turn)
        if held.isEmpty {
            let used = process(bytes, turn)
            if ending == nil { hold(bytes.extracting(used...)) }
        } else {
            hold(bytes)
            processHeld(turn)
        }
        proceed(turn)
    }

    package func inputEnded(_ turn: Turn) {
        inputHasEnded = true
        proceed(turn)
    }

    package func outputAdvanced(_ turn: Turn) {
        while let exchange = turn.output.takeEnded() {
            endsInOutput -= 1
            tellEnd(of: exchange, isComplete: true, turn)
        }
        guard ending == nil else { return }
        if gate.holdsInput { processHeld(turn) }
        proceed(turn)
    }

    package func deliver(_ response: Response, for ticket: Int, _ turn: Turn) {
        guard let index = UInt32(exactly: ticket).flatMap(streams.index(of:)),
            let exchange = streams[index].exchange
        else { return }
        exchange.answer(with: response)
        if streams[index].answer == .awaited, ending == nil, !hasEnded {
            send(exchange, at: index, turn)
            proceed(turn)
        } else {
            streams.remove(at: index)
            tellEnd(of: exchange, isComplete: false, turn)
            if ending == nil, !hasEnded { proceed(turn) }
        }
    }

    package func check(_ turn: Turn) {
        guard ending == nil, !hasEnded else { return }
        if drain.isOverdue(at: turn.now) { nameLastStream(turn) }
        endStalledStreams(turn)
        proceed(turn)
    }

    package func connectionEnded(_ turn: Turn) {
        while let exchange = turn.output.takeEnded() { tellEnd(of: exchange, isComplete: true, turn) }
        for exchange in turn.output.abandon() { tellEnd(of: exchange, isComplete: false, turn) }
        hasEnded = true
        (held, headerBlock) = ([], nil)
        cutAnswers(turn)
    }

    /// Sends what there is room for, and ends the connection if it is to end and nothing is left to do.
    private func proceed(_ turn: Turn) {
        sendContent(turn)
        endIfDone(turn)
    }

    // MARK: Held input

    private func hold(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        unsafe bytes.withUnsafeBufferPointer { unsafe held.append(contentsOf: $0) }
    }

    private func processHeld(_ turn: Turn) {
        var bytes: [UInt8] = []
        swap(&bytes, &held)
        let used = process(bytes.span, turn)
        guard ending == nil, used < bytes.count else { return }
        if used > 0 { bytes.removeFirst(used) }
        held = bytes
    }

    /// Notes how the connection ends.
    func conclude(_ ending: ConnectionEnding) { conclusion = ending }

    /// Lets go of what was received.
    func discardInput() {
        (held, headerBlock, gate.holdsInput) = ([], nil, false)
    }

    /// Opens with the server's preface, before anything else is sent (RFC 9113 §3.4).
    func open(_ turn: Turn) {
        guard !isOpen else { return }
        isOpen = true
        turn.output.append {
            HTTP2Opening.append(to: &$0, streams: context.limits.streams, headerList: context.head.block)
        }
    }
}
