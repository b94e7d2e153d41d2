// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

extension SpecificationCase {
    private typealias Client = ClientFrames

    private static let unknownFrame = HTTP2Frames.frame(0x16, payload: [UInt8](repeating: 0, count: 8))
    private static let large = String(repeating: "x", count: 1 << 14)

    /// Prefaces and frames.
    static let framing = [
        SpecificationCase("http2/3.5", "Sends client connection preface", [], .acknowledgements(1)),
        SpecificationCase(
            "http2/3.5",
            "Sends invalid connection preface",
            opening: [],
            Array("INVALID CONNECTION PREFACE\r\n\r\n".utf8),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/4.1",
            "Sends a frame with unknown type",
            unknownFrame + Client.ping(),
            .pong("h2-tests")
        ),
        SpecificationCase(
            "http2/4.1",
            "Sends a frame with undefined flag",
            HTTP2Frames.frame(0x6, flags: 0x16, payload: Array("h2-tests".utf8)),
            .pong("h2-tests")
        ),
        SpecificationCase(
            "http2/4.1",
            "Sends a frame with reserved field bit",
            HTTP2Frames.frame(0x6, flags: 0x16, stream: 1 << 31, payload: Array("h2-tests".utf8)),
            .pong("h2-tests")
        ),
        SpecificationCase(
            "http2/4.2",
            "Sends a DATA frame with 2^14 octets in length",
            Client.headers(Client.post, endsStream: false) + Client.data(large),
            .answer
        ),
        SpecificationCase(
            "http2/4.2",
            "Sends a large size DATA frame that exceeds the SETTINGS_MAX_FRAME_SIZE",
            Client.headers(Client.post, endsStream: false) + Client.data(large + "x"),
            .connectionError(Client.frameSizeError)
        ),
        SpecificationCase(
            "http2/4.2",
            "Sends a large size HEADERS frame that exceeds the SETTINGS_MAX_FRAME_SIZE",
            Client.headers(Client.get + [("x-dummy", large)]),
            .connectionError(Client.frameSizeError)
        ),
        SpecificationCase(
            "http2/4.3",
            "Sends invalid header block fragment",
            Client.headers(block: [0x40]),
            .connectionError(Client.compressionError)
        ),
        SpecificationCase(
            "http2/4.3",
            "Sends a PRIORITY frame while sending the header blocks",
            Client.headers(endsStream: false, endsHeaders: false) + Client.priority(on: 1),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/4.3",
            "Sends a HEADERS frame to another stream while sending the header blocks",
            Client.headers(endsStream: false, endsHeaders: false) + Client.headers(on: 3),
            .connectionError(Client.protocolError)
        ),
    ]

    /// The states of streams, and their numbers.
    static let streams =
        idle + halfClosed + closed + identifiers + [
            SpecificationCase(
                "http2/5.1.2",
                "Sends HEADERS frames that causes their advertised concurrent stream limit to be exceeded",
                Client.initialWindow(0) + (0...100).flatMap { Client.headers(on: 1 + 2 * $0) },
                .streamError(Client.refusedStream, on: 201)
            ),
            SpecificationCase(
                "http2/5.3.1",
                "Sends HEADERS frame that depends on itself",
                Client.headers(block: [0, 0, 0, 1, 255] + Client.block(Client.get), flags: 0x25),
                .streamError(Client.protocolError)
            ),
            SpecificationCase(
                "http2/5.3.1",
                "Sends PRIORITY frame that depend on itself",
                // There is no stream to be reset.
                Client.priority(on: 1, dependingOn: 1),
                .connectionError(Client.protocolError)
            ),
            SpecificationCase(
                "http2/5.4.1",
                "Sends an invalid PING frame for connection close",
                HTTP2Frames.frame(0x6, stream: 3, payload: Array("h2-tests".utf8)),
                .connectionError(Client.protocolError)
            ),
            SpecificationCase(
                "http2/5.5",
                "Sends an unknown extension frame",
                unknownFrame + Client.ping(),
                .pong("h2-tests")
            ),
            SpecificationCase(
                "http2/5.5",
                "Sends an unknown extension frame in the middle of a header block",
                Client.headers(endsHeaders: false) + unknownFrame,
                .connectionError(Client.protocolError)
            ),
        ]

    private static let idle = [
        SpecificationCase(
            "http2/5.1",
            "idle: Sends a DATA frame",
            Client.data(),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/5.1",
            "idle: Sends a RST_STREAM frame",
            Client.reset(),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/5.1",
            "idle: Sends a WINDOW_UPDATE frame",
            Client.windowUpdate(100, on: 1),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/5.1",
            "idle: Sends a CONTINUATION frame",
            Client.continuation(Client.get, endsHeaders: true),
            .connectionError(Client.protocolError)
        ),
    ]

    /// No content is let through, so that the server has not ended the stream.
    private static let open = Client.initialWindow(0) + Client.headers()

    private static let halfClosed = [
        SpecificationCase(
            "http2/5.1",
            "half closed (remote): Sends a DATA frame",
            open + Client.data(),
            .streamError(Client.streamClosed)
        ),
        SpecificationCase(
            "http2/5.1",
            "half closed (remote): Sends a HEADERS frame",
            open + Client.headers(),
            .streamError(Client.streamClosed)
        ),
        SpecificationCase(
            "http2/5.1",
            "half closed (remote): Sends a CONTINUATION frame",
            open + Client.continuation(Client.get, endsHeaders: true),
            .connectionError(Client.protocolError)
        ),
    ]

    private static let reset = Client.headers(endsStream: false) + Client.reset()

    private static let closed = [
        SpecificationCase(
            "http2/5.1",
            "closed: Sends a DATA frame after sending RST_STREAM frame",
            reset + Client.data(),
            .streamError(Client.streamClosed)
        ),
        SpecificationCase(
            "http2/5.1",
            "closed: Sends a HEADERS frame after sending RST_STREAM frame",
            reset + Client.headers(),
            .streamError(Client.streamClosed)
        ),
        SpecificationCase(
            "http2/5.1",
            "closed: Sends a CONTINUATION frame after sending RST_STREAM frame",
            reset + Client.continuation([], endsHeaders: true),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/5.1",
            "closed: Sends a DATA frame",
            Client.headers() + Client.data(),
            .connectionError(Client.streamClosed)
        ),
        SpecificationCase(
            "http2/5.1",
            "closed: Sends a HEADERS frame",
            Client.headers() + Client.headers(),
            .connectionError(Client.streamClosed)
        ),
        SpecificationCase(
            "http2/5.1",
            "closed: Sends a CONTINUATION frame",
            Client.headers() + Client.continuation([], endsHeaders: true),
            .connectionError(Client.protocolError)
        ),
    ]

    private static let identifiers = [
        SpecificationCase(
            "http2/5.1.1",
            "Sends even-numbered stream identifier",
            Client.headers(on: 2),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/5.1.1",
            "Sends stream identifier that is numerically smaller than previous",
            Client.headers(on: 5) + Client.headers(on: 3),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/5.1.1",
            "Sends HEADERS frame with the stream which is in half-closed (remote) state",
            Client.initialWindow(0) + Client.headers(on: 5) + Client.headers(on: 5),
            .streamError(Client.streamClosed, on: 5)
        ),
    ]
}
