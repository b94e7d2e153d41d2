// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

extension SpecificationCase {
    private typealias Client = ClientFrames

    /// The frames of sections 6.1 to 6.8 and 6.10.
    static let frames = dataAndHeaders + priorityAndReset + settings + ping + continuation

    private static let posting = Client.headers(Client.post + [("content-length", "4")], endsStream: false)

    private static let dataAndHeaders = [
        SpecificationCase(
            "http2/6.1",
            "Sends a DATA frame with 0x0 stream identifier",
            Client.data(on: 0),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.1",
            #"Sends a DATA frame on the stream that is not in "open" or "half-closed (local)" state"#,
            Client.initialWindow(0) + Client.headers(Client.post) + Client.data(),
            .streamError(Client.streamClosed)
        ),
        SpecificationCase(
            "http2/6.1",
            "Sends a DATA frame with invalid pad length",
            posting + HTTP2Frames.frame(0x0, flags: 0x9, stream: 1, payload: [6] + Array("Test".utf8)),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.2",
            "Sends a HEADERS frame without the END_HEADERS flag, and a PRIORITY frame",
            Client.headers(endsStream: false, endsHeaders: false) + Client.priority(on: 1),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.2",
            "Sends a HEADERS frame to another stream while sending a HEADERS frame",
            Client.headers(endsStream: false, endsHeaders: false) + Client.headers(on: 3),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.2",
            "Sends a HEADERS frame with 0x0 stream identifier",
            Client.headers(on: 0),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.2",
            "Sends a HEADERS frame with invalid pad length",
            Client.headers(block: [UInt8(Client.block(Client.get).count) + 2] + Client.block(Client.get), flags: 0xd),
            .connectionError(Client.protocolError)
        ),
    ]

    private static let priorityAndReset = [
        SpecificationCase(
            "http2/6.3",
            "Sends a PRIORITY frame with 0x0 stream identifier",
            Client.priority(on: 0),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.3",
            "Sends a PRIORITY frame with a length other than 5 octets",
            Client.headers() + HTTP2Frames.frame(0x2, stream: 1, payload: [0x80, 0, 0, 1]),
            .streamError(Client.frameSizeError)
        ),
        SpecificationCase(
            "http2/6.3",
            "Sends a PRIORITY frame for an idle stream, then send a HEADER frame for a lower stream ID",
            Client.priority(on: 3) + Client.headers(),
            .answer
        ),
        SpecificationCase(
            "http2/6.4",
            "Sends a RST_STREAM frame with 0x0 stream identifier",
            Client.reset(on: 0),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.4",
            "Sends a RST_STREAM frame on a idle stream",
            Client.reset(),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.4",
            "Sends a RST_STREAM frame with a length other than 4 octets",
            Client.headers(endsStream: false) + HTTP2Frames.frame(0x3, stream: 1, payload: [0, 0, 8]),
            .connectionError(Client.frameSizeError)
        ),
    ]

    private static let settings = [
        SpecificationCase(
            "http2/6.5",
            "Sends a SETTINGS frame with ACK flag and payload",
            HTTP2Frames.frame(0x4, flags: 1, payload: [0]),
            .connectionError(Client.frameSizeError)
        ),
        SpecificationCase(
            "http2/6.5",
            "Sends a SETTINGS frame with a stream identifier other than 0x0",
            HTTP2Frames.frame(0x4, stream: 1, payload: [0, 3, 0, 0, 0, 0x64]),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.5",
            "Sends a SETTINGS frame with a length other than a multiple of 6 octets",
            HTTP2Frames.frame(0x4, payload: [0, 3, 0]),
            .connectionError(Client.frameSizeError)
        ),
        setting("SETTINGS_ENABLE_PUSH (0x2): Sends the value other than 0 or 1", 0x2, 2, Client.protocolError),
        setting(
            "SETTINGS_INITIAL_WINDOW_SIZE (0x4): Sends the value above the maximum flow control window size",
            0x4,
            1 << 31,
            Client.flowControlError
        ),
        setting(
            "SETTINGS_MAX_FRAME_SIZE (0x5): Sends the value below the initial value",
            0x5,
            (1 << 14) - 1,
            Client.protocolError
        ),
        setting(
            "SETTINGS_MAX_FRAME_SIZE (0x5): Sends the value above the maximum allowed frame size",
            0x5,
            1 << 24,
            Client.protocolError
        ),
        SpecificationCase(
            "http2/6.5.2",
            "Sends a SETTINGS frame with unknown identifier",
            Client.settings([(0xff, 1)]) + Client.ping(),
            .pong("h2-tests")
        ),
        SpecificationCase(
            "http2/6.5.3",
            "Sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE",
            Client.settings([(0x4, 100), (0x4, 1)]) + Client.headers(),
            .content(1)
        ),
        SpecificationCase(
            "http2/6.5.3",
            "Sends a SETTINGS frame without ACK flag",
            Client.settings([(0x2, 0)]),
            .acknowledgements(2)
        ),
    ]

    private static func setting(_ title: String, _ identifier: Int, _ value: Int, _ error: Int) -> SpecificationCase {
        SpecificationCase("http2/6.5.2", title, Client.settings([(identifier, value)]), .connectionError(error))
    }

    private static let ping = [
        SpecificationCase("http2/6.7", "Sends a PING frame", Client.ping(), .pong("h2-tests")),
        SpecificationCase(
            "http2/6.7",
            "Sends a PING frame with ACK",
            Client.ping("unwanted", acknowledges: true) + Client.ping(),
            .pong("h2-tests")
        ),
        SpecificationCase(
            "http2/6.7",
            "Sends a PING frame with a stream identifier field value other than 0x0",
            HTTP2Frames.frame(0x6, stream: 1, payload: Array("h2-tests".utf8)),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.7",
            "Sends a PING frame with a length field value other than 8",
            HTTP2Frames.frame(0x6, payload: [0, 0, 0, 0, 0, 0]),
            .connectionError(Client.frameSizeError)
        ),
        SpecificationCase(
            "http2/6.8",
            "Sends a GOAWAY frame with a stream identifier other than 0x0",
            HTTP2Frames.frame(0x7, stream: 1, payload: [UInt8](repeating: 0, count: 8)),
            .connectionError(Client.protocolError)
        ),
    ]

    private static let begun = Client.headers(endsHeaders: false)

    private static let continuation = [
        SpecificationCase(
            "http2/6.10",
            "Sends multiple CONTINUATION frames preceded by a HEADERS frame",
            begun + Client.continuation([("x-dummy", "1")], endsHeaders: false)
                + Client.continuation([("x-dummy", "1")], endsHeaders: true),
            .answer
        ),
        SpecificationCase(
            "http2/6.10",
            "Sends a CONTINUATION frame followed by any frame other than CONTINUATION",
            begun + Client.continuation([("x-dummy", "1")], endsHeaders: false) + Client.data(),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.10",
            "Sends a CONTINUATION frame with 0x0 stream identifier",
            begun + Client.continuation([("x-dummy", "1")], on: 0, endsHeaders: true),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.10",
            "Sends a CONTINUATION frame preceded by a HEADERS frame with END_HEADERS flag",
            Client.headers() + Client.continuation([("x-dummy", "1")], endsHeaders: true),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.10",
            "Sends a CONTINUATION frame preceded by a CONTINUATION frame with END_HEADERS flag",
            begun + Client.continuation([("x-dummy", "1")], endsHeaders: true)
                + Client.continuation([("x-dummy", "1")], endsHeaders: true),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.10",
            "Sends a CONTINUATION frame preceded by a DATA frame",
            Client.headers(Client.post, endsStream: false, endsHeaders: false) + Client.data()
                + Client.continuation([("x-dummy", "1")], endsHeaders: false),
            .connectionError(Client.protocolError)
        ),
    ]

    /// The windows of section 6.9.
    static let windows = [
        SpecificationCase(
            "http2/6.9",
            "Sends a WINDOW_UPDATE frame with a flow control window increment of 0",
            Client.windowUpdate(0),
            .connectionError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.9",
            "Sends a WINDOW_UPDATE frame with a flow control window increment of 0 on a stream",
            Client.headers(endsStream: false) + Client.windowUpdate(0, on: 1),
            .streamError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/6.9",
            "Sends a WINDOW_UPDATE frame with a length other than 4 octets",
            HTTP2Frames.frame(0x8, payload: [0, 0, 1]),
            .connectionError(Client.frameSizeError)
        ),
        SpecificationCase(
            "http2/6.9.1",
            "Sends SETTINGS frame to set the initial window size to 1 and sends HEADERS frame",
            Client.initialWindow(1) + Client.headers(),
            .content(1)
        ),
        SpecificationCase(
            "http2/6.9.1",
            "Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1",
            Client.windowUpdate((1 << 31) - 1) + Client.windowUpdate((1 << 31) - 1),
            .connectionError(Client.flowControlError)
        ),
        SpecificationCase(
            "http2/6.9.1",
            "Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream",
            Client.headers(endsStream: false) + Client.windowUpdate((1 << 31) - 1, on: 1),
            .streamError(Client.flowControlError)
        ),
        SpecificationCase(
            "http2/6.9.2",
            "Changes SETTINGS_INITIAL_WINDOW_SIZE after sending HEADERS frame",
            Client.initialWindow(0) + Client.headers() + Client.initialWindow(1),
            .content(1)
        ),
        SpecificationCase(
            "http2/6.9.2",
            "Sends a SETTINGS frame for window size to be negative",
            Client.initialWindow(3) + Client.headers() + Client.initialWindow(2) + Client.windowUpdate(2, on: 1),
            .content(4)
        ),
        SpecificationCase(
            "http2/6.9.2",
            "Sends a SETTINGS_INITIAL_WINDOW_SIZE settings with an exceeded maximum window size value",
            Client.initialWindow(1 << 31),
            .connectionError(Client.flowControlError)
        ),
    ]
}
