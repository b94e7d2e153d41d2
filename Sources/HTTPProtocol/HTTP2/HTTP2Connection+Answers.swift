// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HPACK
internal import HTTPService

/// How answers are sent.
extension HTTP2Connection {
    /// Up to how many bytes of content are copied behind the head: that costs less than more pieces to send.
    private static let mostCopied = 4 << 10
    /// Up to how many bytes of content are copied where the windows allow no more: a part of the output takes more than that.
    private static let mostCopiedOfFrame = 256
    /// How many frames of content are added at a time: their pieces are sent by one system call or two.
    private static let mostFrames = 62
    /// How many frames of a stream are sent in a row, if others have content to send, too.
    private static let shortestRun = 4
    /// How many bytes may still be in the output when content is added.
    private static let lowOutput = 32 << 10

    /// The largest payload of a frame that is sent, in bytes.
    private var frameSize: Int { min(settings.largestFrame, framePayload) }

    // MARK: Heads

    /// Sends the answer to a request that has just come; what is left to do is kept as a stream.
    func send(_ exchange: PendingExchange, requestHasEnded: Bool, contentLength: Int?, _ turn: Turn) {
        let isWhole = sendHead(of: exchange, window: settings.initialWindow, turn)
        guard !isWhole || !requestHasEnded else {
            streams.closed(exchange.stream)
            return
        }
        var stream = stream(of: exchange, requestHasEnded: requestHasEnded, contentLength: contentLength)
        if isWhole { stream.sentAll(at: turn.now) } else { stream.sends(exchange.contentLength) }
        streams.append(stream)
    }

    /// Sends an answer that was awaited.
    func send(_ exchange: PendingExchange, at index: Int, _ turn: Turn) {
        if sendHead(of: exchange, window: streams[index].window, turn) {
            sentAll(at: index, turn)
        } else {
            streams[index].sends(exchange.contentLength)
        }
    }

    /// Sends the head, and the content if that is short and the windows allow it; whether that is all.
    private func sendHead(of exchange: PendingExchange, window: Int, _ turn: Turn) -> Bool {
        guard let response = exchange.response else { return true }
        let count = exchange.contentLength
        let isWhole =
            count == 0 || (count <= min(Self.mostCopied, frameSize, window, flow.window) && gate.hasRoomForCopies)
        let frameSize = frameSize
        var headFrames = 0
        turn.output.append { bytes in
            headFrames = appendHead(
                response.head,
                stream: exchange.stream,
                endsStream: count == 0,
                frameSize: frameSize,
                to: &bytes
            )
            if isWhole, count > 0 {
                bytes.appendFrameHeader(.data, length: count, flags: .endStream, stream: exchange.stream)
                if response.shortContent.count == count {
                    bytes += response.shortContent
                } else {
                    unsafe bytes.append(contentsOf: exchange.content.memory)
                }
            }
        }
        framesWereSent(headFrames)
        guard isWhole else { return false }
        if count > 0 {
            contentWasSent(frames: 1, count)
            gate.contentWasCopied(count)
        }
        endsInOutput += 1
        turn.output.appendEnd(of: exchange)
        return true
    }

    /// Adds HEADERS, and CONTINUATION where one frame does not hold the block; returns how many frames that are.
    private func appendHead(
        _ head: ResponseHead,
        stream: UInt32,
        endsStream: Bool,
        frameSize: Int,
        to bytes: inout [UInt8]
    ) -> Int {
        let date = context.date.block
        let owesTableSize = settings.owesTableSize
        if owesTableSize { settings.saidTableSize() }
        let length = (owesTableSize ? 1 : 0) + head.http2.count + date.count
        let flags: HTTP2FrameFlags = endsStream ? .endStream : []
        if length <= frameSize {
            bytes.appendFrameHeader(.headers, length: length, flags: flags.union(.endHeaders), stream: stream)
            if owesTableSize { bytes.append(HeaderBlockEncoder.emptyTable) }
            bytes += head.http2
            bytes += date
            return 1
        }
        let block = (owesTableSize ? [HeaderBlockEncoder.emptyTable] : []) + head.http2 + date
        for start in stride(from: 0, to: length, by: frameSize) {
            let fragment = block[start..<min(start + frameSize, length)]
            bytes.appendFrameHeader(
                start == 0 ? .headers : .continuation,
                length: fragment.count,
                flags: (start == 0 ? flags : []).union(fragment.endIndex == length ? .endHeaders : []),
                stream: stream
            )
            bytes += fragment
        }
        return (length + frameSize - 1) / frameSize
    }

    // MARK: Content

    /// Adds content of the streams that have some to send, in turns, unless there is enough in the output.
    func sendContent(_ turn: Turn) {
        guard ending == nil, streams.sending > 0, flow.window > 0, turn.output.byteCount < Self.lowOutput else {
            return
        }
        let ready = streams.indices.count { streams[$0].room > 0 }
        guard ready > 0 else { return }
        let run = max(Self.shortestRun, Self.mostFrames / ready)
        var (frames, without) = (Self.mostFrames, 0)
        var index = streams.firstIndex(from: nextToSend)
        while frames > 0, flow.window > 0, without < streams.count {
            if index >= streams.count { index = 0 }
            let id = streams[index].id
            let sent = sendRun(at: index, upTo: min(run, frames), turn)
            frames -= sent
            without = sent > 0 ? 0 : without + 1
            if sent > 0 { nextToSend = id + 1 }
            // The stream may be closed now, and the next one in its place.
            if index < streams.count, streams[index].id == id { index += 1 }
        }
    }

    /// Adds frames with content of one stream; returns how many.
    private func sendRun(at index: Int, upTo frameCount: Int, _ turn: Turn) -> Int {
        let count = min(streams[index].room, flow.window, frameCount * frameSize)
        guard count > 0, let exchange = streams[index].exchange else { return 0 }
        let part = streams[index].take(count)
        let isLast = streams[index].unsent.isEmpty
        let sent = addContent(of: exchange, part, endsStream: isLast, turn)
        contentWasSent(frames: sent, count)
        if isLast {
            endsInOutput += 1
            turn.output.appendEnd(of: exchange)
            sentAll(at: index, turn)
        }
        return sent
    }

    /// Adds frames with a part of an answer's content; returns how many.
    private func addContent(of exchange: PendingExchange, _ part: Range<Int>, endsStream: Bool, _ turn: Turn) -> Int {
        guard part.count > Self.mostCopiedOfFrame else {
            turn.output.append { bytes in
                let flags: HTTP2FrameFlags = endsStream ? .endStream : []
                bytes.appendFrameHeader(.data, length: part.count, flags: flags, stream: exchange.stream)
                unsafe bytes.append(contentsOf: exchange.content.memory[part])
            }
            return 1
        }
        let frames = DataFrames(
            stream: exchange.stream,
            content: exchange.content,
            range: part,
            frameSize: frameSize,
            endsStream: endsStream
        )
        turn.output.append(frames)
        return frames.count
    }

    /// Records that an answer has been added whole: with its request ended, the stream is closed.
    private func sentAll(at index: Int, _ turn: Turn) {
        streams[index].sentAll(at: turn.now)
        if streams[index].requestHasEnded { requestEnded(at: index) }
    }

    private func contentWasSent(frames: Int, _ count: Int) {
        flow.sends(count)
        meter.framesAreSent(frames, content: count)
    }

    // MARK: Other frames

    /// Records frames without content that have been added.
    private func framesWereSent(_ count: Int) {
        gate.framesWereAdded(count)
        meter.framesAreSent(count)
    }

    /// Adds a frame whose payload is a number.
    func write(_ type: HTTP2FrameType, _ number: UInt32, on stream: UInt32, _ turn: Turn) {
        turn.output.append { bytes in
            bytes.appendFrameHeader(type, length: 4, stream: stream)
            bytes.appendNumber(number)
        }
        framesWereSent(1)
    }

    /// Adds a frame of the connection.
    func write(_ type: HTTP2FrameType, flags: HTTP2FrameFlags = [], _ payload: Span<UInt8>, _ turn: Turn) {
        turn.output.append { bytes in
            bytes.appendFrameHeader(type, length: payload.count, flags: flags)
            for index in payload.indices { bytes.append(payload[index]) }
        }
        framesWereSent(1)
    }

    /// Adds a frame of the connection that has no payload.
    func write(_ type: HTTP2FrameType, flags: HTTP2FrameFlags, _ turn: Turn) {
        turn.output.append { $0.appendFrameHeader(type, length: 0, flags: flags) }
        framesWereSent(1)
    }
}
