// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Counts what a client sends that causes work and no answer, so that it ends at a bound (RFC 9113 §10.5).
struct HTTP2FloodMeter {
    private let limits: HTTP2Limits
    /// How many frames may still come.
    private var allowance: Int
    private var controlFrames = HTTP2EventRate()
    private var resets = HTTP2EventRate()
    /// How many streams have ended because of what the client did on them.
    private var streamErrors = 0
    private var emptyFrames = 0
    private var violations = 0

    /// PING, SETTINGS and PRIORITY frames, and RST_STREAM frames, in the time of ``HTTP2EventRate``.
    private static let mostInTime = 200
    /// Streams that may end by an error of the client's, until its connection does: CVE-2025-8671 works by these.
    private static let mostStreamErrors = 200
    /// DATA frames in a row without content that do not end their stream (CVE-2019-9518).
    private static let mostEmptyFrames = 1
    /// CONTINUATION frames of a header block (CVE-2024-27316).
    static let mostContinuations = 5

    /// A meter of a new connection.
    init(_ limits: HTTP2Limits) {
        self.limits = limits
        allowance = limits.frames
    }

    private static func flood(of what: String) -> HTTP2ConnectionError {
        HTTP2ConnectionError(.enhanceYourCalm, "there are too many \(what)")
    }

    /// Counts a frame of any kind.
    mutating func frameBegan() throws(HTTP2ConnectionError) {
        allowance -= 1
        guard allowance >= 0 else { throw Self.flood(of: "frames that ask for nothing") }
    }

    /// Allows the client more frames, as it is sent some with so many bytes of content.
    mutating func framesAreSent(_ count: Int, content: Int = 0) {
        allowance += count * limits.framesPerFrameSent + content / limits.contentPerFrame
    }

    /// Counts a PING, SETTINGS or PRIORITY frame.
    mutating func controlFrame(at now: Moment) throws(HTTP2ConnectionError) {
        guard controlFrames.count(at: now) <= Self.mostInTime else {
            throw Self.flood(of: "PING, SETTINGS or PRIORITY frames")
        }
    }

    /// Counts an RST_STREAM frame (CVE-2023-44487).
    mutating func reset(at now: Moment) throws(HTTP2ConnectionError) {
        guard resets.count(at: now) <= Self.mostInTime else { throw Self.flood(of: "RST_STREAM frames") }
    }

    /// Counts an error of a stream.
    mutating func streamError() throws(HTTP2ConnectionError) {
        streamErrors += 1
        guard streamErrors <= Self.mostStreamErrors else { throw Self.flood(of: "errors on streams") }
    }

    /// Counts a DATA frame.
    mutating func content(isEmpty: Bool, endsStream: Bool) throws(HTTP2ConnectionError) {
        emptyFrames = isEmpty && !endsStream ? emptyFrames + 1 : 0
        guard emptyFrames <= Self.mostEmptyFrames else { throw Self.flood(of: "empty DATA frames") }
    }

    /// Counts a stream that was opened beyond the limit that the client knows.
    mutating func streamBeyondLimit() throws(HTTP2ConnectionError) {
        violations += 1
        guard violations <= limits.streamsBeyondLimit else { throw Self.flood(of: "streams at once") }
    }
}

/// How often something has happened in the last 30 seconds, or up to two more: never fewer.
struct HTTP2EventRate {
    /// The counts of the present two seconds and of the fifteen times two before, each at its number's low bits.
    private var counts = SIMD16<UInt8>()
    /// The number of the present two seconds.
    private var present: Int64 = 0

    private static let seconds: Int64 = 2
    private static let origin = Moment.now

    /// Counts once more, and returns the count.
    mutating func count(at now: Moment) -> Int {
        let number = (now - Self.origin).components.seconds / Self.seconds
        if number > present {
            for skipped in max(present + 1, number - 15)...number { counts[Int(skipped & 15)] = 0 }
            present = number
        }
        let index = Int(present & 15)
        if counts[index] < .max { counts[index] += 1 }
        return counts.indices.reduce(0) { $0 + Int(counts[$1]) }
    }
}
