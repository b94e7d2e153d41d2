// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService

/// What a client sends, frame by frame.
extension HTTP2Connection {
    /// The connection preface (RFC 9113 §3.4).
    private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    /// The largest payload of a frame, in bytes: SETTINGS_MAX_FRAME_SIZE, which is left at its default (RFC 9113 §4.2).
    private static let largestPayload = 1 << 14

    /// Looks at what was received, as far as frames have come whole and may be looked at; returns how many bytes were used.
    func process(_ bytes: Span<UInt8>, _ turn: Turn) -> Int {
        gate.holdsInput = false
        do {
            return try takeFrames(of: bytes, turn)
        } catch {
            fail(error, turn)
            return bytes.count
        }
    }

    private func takeFrames(of bytes: Span<UInt8>, _ turn: Turn) throws(HTTP2ConnectionError) -> Int {
        guard var used = try takePreface(of: bytes) else { return 0 }
        while bytes.count - used >= HTTP2FrameHeader.length {
            let frame = HTTP2FrameHeader(bytes, at: used)
            guard frame.length <= Self.largestPayload else {
                throw HTTP2ConnectionError(.frameSizeError, "a frame has more than \(Self.largestPayload) bytes")
            }
            let end = used + HTTP2FrameHeader.length + frame.length
            guard end <= bytes.count else { break }
            guard gate.isOpen(turn.output, answers: answers), !waitsForAnswers(to: frame, turn) else {
                gate.holdsInput = true
                break
            }
            try take(frame, bytes.extracting(used + HTTP2FrameHeader.length..<end), turn)
            used = end
        }
        return used
    }

    /// How long the preface is that the bytes begin with; nil as long as it is not there.
    private func takePreface(of bytes: Span<UInt8>) throws(HTTP2ConnectionError) -> Int? {
        guard !hasPreface else { return 0 }
        let length = Self.preface.utf8CodeUnitCount
        for index in 0..<min(length, bytes.count) {
            guard unsafe bytes[index] == Self.preface.utf8Start[index] else {
                throw HTTP2ConnectionError(.protocolError, "what came is not the preface of HTTP/2")
            }
        }
        guard bytes.count >= length else { return nil }
        hasPreface = true
        received += 1
        return length
    }

    /// Whether a frame opens a stream for which there will be room once answers are sent that are in the output.
    private func waitsForAnswers(to frame: HTTP2FrameHeader, _ turn: Turn) -> Bool {
        frame.type == .headers && frame.stream > streams.last && endsInOutput > 0 && !mayAnswer
    }

    private func take(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        try meter.frameBegan()
        guard hasSettings || (frame.type == .settings && !frame.flags.contains(.acknowledgement)) else {
            throw HTTP2ConnectionError(.protocolError, "the first frame is not SETTINGS")
        }
        if let headerBlock {
            guard frame.type == .continuation, frame.stream == headerBlock.stream else {
                throw HTTP2ConnectionError(.protocolError, "a header block is not followed by its CONTINUATION")
            }
        }
        switch frame.type {
        case .data: try takeData(frame, payload, turn)
        case .headers: try takeHeaders(frame, payload, turn)
        case .priority: try takePriority(frame, payload, turn)
        case .resetStream: try takeReset(frame, payload, turn)
        case .settings: try takeSettings(frame, payload, turn)
        case .pushPromise: throw HTTP2ConnectionError(.protocolError, "a client cannot send PUSH_PROMISE")
        case .ping: try takePing(frame, payload, turn)
        case .goAway: try takeGoAway(frame, payload)
        case .windowUpdate: try takeWindowUpdate(frame, payload, turn)
        case .continuation: try takeContinuation(frame, payload, turn)
        case nil: break
        }
        if headerBlock == nil { received += 1 }
    }

    // MARK: DATA, HEADERS and CONTINUATION

    /// RFC 9113 §6.1.
    private func takeData(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        let content = try content(of: frame, payload).count
        let isLast = frame.flags.contains(.endStream)
        try meter.content(isEmpty: content == 0, endsStream: isLast)
        var flow = flow
        let increment = try flow.receives(payload.count)
        self.flow = flow
        if let increment { write(.windowUpdate, UInt32(increment), on: 0, turn) }
        switch streams.state(of: frame.stream) {
        case .open(let index):
            if let fault = streams[index].receives(payload.count, content: content, isLast: isLast) {
                try end(frame.stream, for: fault, turn)
            } else if isLast {
                requestEnded(at: index)
            }
        case .idle, .skipped: throw HTTP2ConnectionError(.protocolError, "DATA is on a stream that is not open")
        case .ended: throw HTTP2ConnectionError(.streamClosed, "DATA is on a stream that has ended")
        case .reset: try end(frame.stream, for: .closed, turn)
        case .closed: break
        }
    }

    /// RFC 9113 §6.2.
    private func takeHeaders(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        guard !frame.stream.isMultiple(of: 2) else {
            throw HTTP2ConnectionError(.protocolError, "HEADERS are on a stream that is no client's")
        }
        var fragment = payload.extracting(try content(of: frame, payload))
        var dependsOnItself = false
        if frame.flags.contains(.priority) {
            guard fragment.count >= Self.priorityLength else {
                throw HTTP2ConnectionError(.frameSizeError, "HEADERS are too short for their priority")
            }
            dependsOnItself = fragment.number(at: 0) & 0x7fff_ffff == frame.stream
            fragment = fragment.extracting(Self.priorityLength...)
        }
        let endsStream = frame.flags.contains(.endStream)
        if frame.flags.contains(.endHeaders) {
            try takeHeaderBlock(fragment, on: frame.stream, endsStream: endsStream, dependsOnItself, turn)
        } else {
            headerBlock = try HTTP2HeaderBlock(
                stream: frame.stream,
                endsStream: endsStream,
                dependsOnItself: dependsOnItself,
                fragment,
                limit: context.head.block
            )
        }
    }

    /// RFC 9113 §6.10.
    private func takeContinuation(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        guard headerBlock != nil else {
            throw HTTP2ConnectionError(.protocolError, "CONTINUATION comes without HEADERS before it")
        }
        try headerBlock?.continue(payload)
        guard frame.flags.contains(.endHeaders), let block = headerBlock else { return }
        headerBlock = nil
        try takeHeaderBlock(
            block.bytes.span,
            on: block.stream,
            endsStream: block.endsStream,
            block.dependsOnItself,
            turn
        )
    }

    /// Where the payload is without its padding (RFC 9113 §6.1).
    private func content(
        of frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>
    ) throws(HTTP2ConnectionError) -> Range<Int> {
        guard frame.flags.contains(.padded) else { return 0..<payload.count }
        guard !payload.isEmpty else {
            throw HTTP2ConnectionError(.frameSizeError, "a frame is too short for its padding")
        }
        let end = payload.count - Int(payload[0])
        guard end >= 1 else { throw HTTP2ConnectionError(.protocolError, "a frame has more padding than payload") }
        return 1..<end
    }

    // MARK: Other frames on streams

    /// A dependency and a weight, in bytes.
    private static let priorityLength = 5

    /// RFC 9113 §6.3: priorities are not used, and a stream may not depend on itself (RFC 7540 §5.3.1).
    private func takePriority(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        guard frame.stream > 0 else { throw HTTP2ConnectionError(.protocolError, "PRIORITY is on no stream") }
        try meter.controlFrame(at: turn.now)
        if payload.count != Self.priorityLength {
            try end(frame.stream, for: .frameSize, turn)
        } else if payload.number(at: 0) & 0x7fff_ffff == frame.stream {
            try end(frame.stream, for: .protocolViolation, turn)
        }
    }

    /// RFC 9113 §6.4.
    private func takeReset(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        guard payload.count == 4 else { throw HTTP2ConnectionError(.frameSizeError, "RST_STREAM has not four bytes") }
        switch streams.state(of: frame.stream) {
        case .idle: throw HTTP2ConnectionError(.protocolError, "RST_STREAM is on a stream that is not open")
        case .open(let index):
            streams.closed(frame.stream, reset: true)
            drop(at: index, turn)
        case .ended, .reset, .skipped, .closed: break
        }
        try meter.reset(at: turn.now)
    }

    /// RFC 9113 §6.9.
    private func takeWindowUpdate(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        guard payload.count == 4 else {
            throw HTTP2ConnectionError(.frameSizeError, "WINDOW_UPDATE has not four bytes")
        }
        let increment = Int(payload.number(at: 0) & 0x7fff_ffff)
        guard frame.stream > 0 else {
            guard increment > 0 else { throw HTTP2ConnectionError(.protocolError, "WINDOW_UPDATE is by nothing") }
            var flow = flow
            try flow.windowGrew(by: increment)
            self.flow = flow
            return
        }
        switch streams.state(of: frame.stream) {
        case .idle: throw HTTP2ConnectionError(.protocolError, "WINDOW_UPDATE is on a stream that is not open")
        case .open(let index):
            guard increment > 0 else { return try end(frame.stream, for: .protocolViolation, turn) }
            streams[index].window += increment
            if streams[index].window > HTTP2ClientSettings.largestWindow {
                try end(frame.stream, for: .flowControl, turn)
            }
        case .ended, .reset, .skipped, .closed: break
        }
    }

    // MARK: Frames on the connection

    private func requireConnection(_ frame: HTTP2FrameHeader) throws(HTTP2ConnectionError) {
        guard frame.stream == 0 else {
            throw HTTP2ConnectionError(.protocolError, "SETTINGS, PING or GOAWAY are on a stream")
        }
    }

    /// RFC 9113 §6.5.
    private func takeSettings(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        try requireConnection(frame)
        if hasSettings { try meter.controlFrame(at: turn.now) }
        hasSettings = true
        guard !frame.flags.contains(.acknowledgement) else {
            guard payload.isEmpty else {
                throw HTTP2ConnectionError(.frameSizeError, "SETTINGS that acknowledge others have a payload")
            }
            limitIsKnown = true
            return
        }
        var settings = settings
        try settings.take(payload)
        let before = self.settings.initialWindow
        self.settings = settings
        try streams.windowsChanged(by: settings.initialWindow - before)
        write(.settings, flags: .acknowledgement, turn)
    }

    /// RFC 9113 §6.7.
    private func takePing(
        _ frame: HTTP2FrameHeader,
        _ payload: Span<UInt8>,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        try requireConnection(frame)
        guard payload.count == 8 else { throw HTTP2ConnectionError(.frameSizeError, "PING has not eight bytes") }
        try meter.controlFrame(at: turn.now)
        if !frame.flags.contains(.acknowledgement) {
            write(.ping, flags: .acknowledgement, payload, turn)
        } else if HTTP2Drain.ping.indices.allSatisfy({ payload[$0] == HTTP2Drain.ping[$0] }) {
            nameLastStream(turn)
        }
    }

    /// RFC 9113 §6.8.
    private func takeGoAway(_ frame: HTTP2FrameHeader, _ payload: Span<UInt8>) throws(HTTP2ConnectionError) {
        try requireConnection(frame)
        guard payload.count >= 8 else {
            throw HTTP2ConnectionError(.frameSizeError, "GOAWAY has less than eight bytes")
        }
        drain.clientLeaves()
    }
}
