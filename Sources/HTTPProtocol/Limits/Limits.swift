// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a listener allows its clients, each with its documented default.
package struct Limits: Sendable {
    /// How large a request's head may be.
    package var head = HeadLimits()
    /// How many connections there may be, and how much one may make the server hold or read.
    package var connections = ConnectionLimits()
    /// What a client may do on an HTTP/2 connection.
    package var http2 = HTTP2Limits()
    /// How long a client may take.
    package var deadlines = Deadlines()
    /// Whether HTTP/2 is spoken beside HTTP/1.x.
    package var includesHTTP2 = true

    /// The documented defaults.
    package init() {}

    /// The limits of a port of probes and metrics, for a kubelet and a few collectors.
    ///
    /// A probe has a second. So nobody can keep it from being answered: whoever comes has a place, requests and answers
    /// are short, and HTTP/1.1 is all that those clients speak.
    package static func ofProbes(connections: Int) -> Limits {
        var limits = Limits()
        limits.connections.count = connections
        limits.connections.whenFull = .replace
        limits.deadlines.head = .seconds(2)
        limits.deadlines.answer = .seconds(5)
        limits.includesHTTP2 = false
        return limits
    }
}

/// How many connections a listener may have, and how much one may make the server hold or read.
package struct ConnectionLimits: Sendable {
    /// What becomes of who comes when there are as many connections as there may be.
    package enum WhenFull: Sendable {
        /// It waits in the system's queue until one has ended, and some are made to end.
        case wait
        /// It takes the place of one that nobody misses, at once.
        case replace
    }

    /// Open connections.
    package var count = 4096
    /// What becomes of further ones.
    package var whenFull = WhenFull.wait
    /// Open connections of one client address, beyond which further ones are closed at once; nil for any number.
    package var countPerAddress: Int?
    /// What is read and thrown away after the last answer on a connection, in bytes: there is no other way in which the
    /// content of a request is read.
    package var discarded = 1 << 20
    /// How much of an answer is handed over at a time where it has to be copied, which is for TLS, in bytes.
    package var bufferedOutput = 128 << 10
    /// The share of one client address in the connections, beyond which its slowest answers make room first: one in so many.
    package var shares = 128
    /// How slowly a client may take its answers, in bytes a second, without making room whatever its share: it would not have
    /// a module before it gives up.
    package var slowPace = 16 << 10
    /// How long a new connection is left in peace while others wait for its place.
    package var newcomerGrace = Duration.milliseconds(250)

    /// The documented defaults.
    package init() {}
}

/// How large a request's head may be.
///
/// On HTTP/2 the block is announced as SETTINGS_MAX_HEADER_LIST_SIZE, which counts 32 bytes more for each field; a block that takes
/// four times as much ends the connection by a GOAWAY.
package struct HeadLimits: Sendable {
    /// The request line, and so the URL, in bytes (414 beyond).
    package var requestLine = 8 << 10
    /// One field line, in bytes (431 beyond).
    package var fieldLine = 8 << 10
    /// The whole block of lines, in bytes (431 beyond).
    package var block = 32 << 10
    /// The field lines (431 beyond).
    package var fieldCount = 64

    /// The documented defaults.
    package init() {}
}

/// What a client may do on an HTTP/2 connection.
///
/// Beyond these, limits hold that no client comes near (``HTTP2FloodMeter``): 200 resets, 200 PING, SETTINGS and PRIORITY frames
/// in 30 seconds, 200 stream errors, 5 CONTINUATION frames in a row, 1 empty DATA frame in a row, 32 settings in a frame.
package struct HTTP2Limits: Sendable {
    /// Concurrent streams, announced as SETTINGS_MAX_CONCURRENT_STREAMS (REFUSED_STREAM beyond).
    package var streams = 100
    /// Concurrent streams of a client that has not acknowledged that limit yet (REFUSED_STREAM beyond): it may not know it
    /// (RFC 9113 §6.5.3), and gateways with many filters ask for all their modules at once.
    package var streamsBeforeAcknowledgement = 1000
    /// Streams that a client may open beyond the limit that it has acknowledged, until its connection ends (ENHANCE_YOUR_CALM).
    package var streamsBeyondLimit = 200
    /// Answers that a client always gets beside each other, if it does not take them.
    package var answers = 4
    /// Answers under way of all connections of an event loop, beyond which a client gets no more than those: what is
    /// further is refused with REFUSED_STREAM.
    ///
    /// Each answer that waits for a window holds about a kilobyte.
    package var answersPerEventLoop = 2048
    /// Frames that a client may send before any frame was sent to it.
    package var frames = 1000
    /// Further frames that each frame sent to the client entitles it to.
    package var framesPerFrameSent = 16
    /// How many bytes of content entitle it to another one.
    ///
    /// Go's client tells every 4 KiB that it has read with two WINDOW_UPDATE frames.
    package var contentPerFrame = 1 << 10

    /// The documented defaults.
    package init() {}
}

/// How long a client may take.
///
/// All but `stall` are absolute: further bytes do not extend them.
package struct Deadlines: Sendable {
    /// From accepting a connection to the end of its TLS handshake.
    package var handshake = Duration.seconds(5)
    /// From accepting a connection, or on TLS from the end of its handshake, to the end of the first head; then from the
    /// first byte of a head to its end.
    package var head = Duration.seconds(10)
    /// From one answer to the next request.
    package var idle = Duration.seconds(75)
    /// How long a client may take for each ``progress`` bytes of its answers.
    package var stall = Duration.seconds(20)
    /// How much of its answers a client must take in the time of ``stall``, in bytes.
    package var progress = 16 << 10
    /// How long a client may take for the whole of an answer on HTTP/1.x, however fast it takes it; nil for any time.
    package var answer: Duration?
    /// How long an answer may take with a module that is no longer kept, if its memory is needed for another.
    package var dropped = Duration.seconds(30)
    /// How old a connection grows before it is ended gracefully: clients have to learn of new replicas and
    /// certificates.
    package var age = Duration.seconds(3600)
    /// How long a connection may go on once what it was authenticated with has changed or expired.
    package var outdated = Duration.seconds(60)
    /// Within which part of that connections are ended gracefully, one sooner than the other: those that began together
    /// should not come anew together, and each has the rest for an answer that is under way.
    package var outdatedSpread = Duration.seconds(30)

    /// Tells the time.
    package var now: @Sendable () -> Moment = { .now }
    /// How often connections are looked at, which is how late a deadline may be noticed.
    package var interval = Duration.milliseconds(250)

    /// How long a connection that is to end waits for what may be on its way: first bytes, a request, or the answer to the PING
    /// behind HTTP/2's announcement (RFC 9113 §6.8).
    package var roundTrip = Duration.seconds(1)

    /// The documented defaults.
    package init() {}
}
