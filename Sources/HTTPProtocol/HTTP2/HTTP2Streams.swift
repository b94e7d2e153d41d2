// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The streams of a connection: those on which something is still to happen, and what has to be known of the others.
///
/// A request that has ended when it comes, and is answered at once, leaves nothing here but its number. Streams are opened in
/// the order of their numbers (RFC 9113 §5.1.1), so they are kept in it, and looked for by halves.
struct HTTP2Streams {
    /// What a stream that a frame is on is like (RFC 9113 §5.1).
    enum State {
        /// It was not opened yet.
        case idle
        /// It is open, or half closed, and at an index.
        case open(Int)
        /// The client has ended it, and so has the server.
        case ended
        /// The client has reset it.
        case reset
        /// It was never opened, and cannot be any more.
        case skipped
        /// It is closed, maybe by the server alone: frames that were on their way may still come.
        case closed
    }

    /// Those on which something is still to be sent, or to come.
    private var streams: [HTTP2Stream] = []
    /// The last one that the client has opened.
    private(set) var last: UInt32 = 0
    /// The youngest that the client has skipped.
    private var skipped: ClosedRange<UInt32>?
    /// The youngest that are closed and that the client has ended or, with the highest bit, reset.
    private var ended = SIMD8<UInt32>()
    private var nextEnded = 0
    /// On how many there is content to be sent.
    private(set) var sending = 0
    /// Of how many the responder owes the answer.
    private(set) var awaited = 0

    private static let resetBit: UInt32 = 1 << 31
    /// How many there may have been at once so that their room is kept when all are gone.
    private static let mostKept = 2

    /// How many there are.
    var count: Int { streams.count }

    /// Where they are, the oldest first.
    var indices: Range<Int> { streams.indices }

    /// One of them.
    subscript(_ index: Int) -> HTTP2Stream {
        _read { yield streams[index] }
        _modify {
            count(streams[index].answer, by: -1)
            yield &streams[index]
            count(streams[index].answer, by: 1)
        }
    }

    private mutating func count(_ answer: HTTP2Stream.Answer, by number: Int) {
        switch answer {
        case .awaited, .abandoned: awaited += number
        case .sending: sending += number
        case .sent: break
        }
    }

    /// What a stream is like.
    func state(of id: UInt32) -> State {
        guard id <= last, !id.isMultiple(of: 2) else { return .idle }
        if let index = index(of: id), streams[index].answer != .abandoned { return .open(index) }
        if any(ended .== id) { return .ended }
        if any(ended .== id | Self.resetBit) { return .reset }
        return skipped?.contains(id) == true ? .skipped : .closed
    }

    /// Where a stream is; nil if nothing is to happen on it.
    func index(of id: UInt32) -> Int? {
        let index = firstIndex(from: id)
        return index < streams.count && streams[index].id == id ? index : nil
    }

    /// Where the first stream is whose number is not lower; the end if there is none.
    func firstIndex(from id: UInt32) -> Int {
        var range = streams.startIndex..<streams.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = streams[middle].id < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    /// Records that the client has opened a stream; whatever it left out is closed (RFC 9113 §5.1.1).
    mutating func open(_ id: UInt32) {
        if id > last + 2 { skipped = last + 1...id - 1 }
        last = id
    }

    /// Adds the youngest stream, as something is to happen on it.
    mutating func append(_ stream: HTTP2Stream) {
        streams.append(stream)
        count(stream.answer, by: 1)
    }

    /// Records that a stream is closed; its end is remembered for a while.
    mutating func closed(_ id: UInt32, reset: Bool = false) {
        ended[nextEnded] = reset ? id | Self.resetBit : id
        nextEnded = (nextEnded + 1) & 7
    }

    /// Removes a stream on which nothing is to happen any more.
    mutating func remove(at index: Int) {
        count(streams[index].answer, by: -1)
        streams.remove(at: index)
        if streams.isEmpty, streams.capacity > Self.mostKept { streams = [] }
    }

    /// Records that the client has changed the window of all streams; one may be negative then (RFC 9113 §6.9.2).
    mutating func windowsChanged(by difference: Int) throws(HTTP2ConnectionError) {
        guard difference != 0 else { return }
        for index in streams.indices {
            streams[index].window += difference
            guard streams[index].window <= HTTP2ClientSettings.largestWindow else {
                throw HTTP2ConnectionError(.flowControlError, "a setting makes a stream's window larger than 2^31-1")
            }
        }
    }
}
