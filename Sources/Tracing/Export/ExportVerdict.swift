// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import FoundationEssentials
package import HTTPSemantics
package import ServerClient

/// What comes of a request to a collector (OTLP specification, "OTLP/HTTP Response").
package enum ExportVerdict: Hashable, Sendable {
    /// It has taken the spans, but so many of them; why not those, if it says so.
    case taken(besides: Int, String?)
    /// It has not taken them, and will not.
    case refused(ExportFailure)
    /// It may take them later; after how long, if it says so.
    case later(ExportFailure, after: Duration?)

    /// The statuses of a collector that may take later what it did not take ("Retryable Response Codes").
    private static let retryable: Set = [429, 502, 503, 504]
    /// How much is taken of what a collector says, in bytes: that gets into the log.
    package static let longestWords = 256
    /// The longest time that a collector is let alone for because it says so.
    package static let longestPause = Duration.seconds(3600)

    /// What an answer comes to.
    ///
    /// - Parameters:
    ///   - status: Its status code.
    ///   - content: Its content: from a collector that has taken something, an `ExportTraceServiceResponse`.
    ///   - retryAfter: Its field `Retry-After`.
    ///   - words: What it says, in words that follow the collector's name.
    ///   - count: How many spans were sent.
    ///   - now: The present.
    package init(
        status: Int,
        content: [UInt8],
        retryAfter: String?,
        words: @autoclosure () -> String,
        to count: Int,
        now: HTTPDate
    ) {
        switch status {
        case 200...299:
            let partial = (try? JSONDecoder().decode(Answer.self, from: Data(content)))?.partialSuccess
            let rejected = min(max(partial?.rejectedSpans?.value ?? 0, 0), count)
            self = .taken(besides: rejected, partial?.errorMessage?.beginning(ofBytes: Self.longestWords))
        case Self.retryable:
            let words = words().beginning(ofBytes: Self.longestWords)
            self = .later(.status(status, words), after: Self.pause(retryAfter, now))
        default: self = .refused(.status(status, words().beginning(ofBytes: Self.longestWords)))
        }
    }

    /// What it comes to that there is no answer: whoever could not be reached may be later ("OTLP/HTTP Connection").
    init(_ error: FetchError) {
        switch error {
        case .tooLong: self = .refused(.unanswered(error))
        case .unresolved, .refused, .unreachable, .lacking, .timedOut, .tls, .otherProtocol, .malformed, .cut,
            .unanswered,
            .cancelled:
            self = .later(.unanswered(error), after: nil)
        }
    }

    /// How long a `Retry-After` says (RFC 9110 §10.2.3); nil if it says nothing.
    private static func pause(_ field: String?, _ now: HTTPDate) -> Duration? {
        guard let field else { return nil }
        let seconds: Int64?
        if !field.isEmpty, field.utf8.allSatisfy(\.isDigit) {
            seconds = Int64(field) ?? .max
        } else {
            seconds = HTTPDate(parsing: field, now: now).map { max($0.seconds - now.seconds, 0) }
        }
        return seconds.map { min(.seconds(min($0, Int64(Int32.max))), longestPause) }
    }

    /// `ExportTraceServiceResponse`.
    private struct Answer: Decodable {
        let partialSuccess: PartialSuccess?

        struct PartialSuccess: Decodable {
            let rejectedSpans: Number?
            let errorMessage: String?
        }

        /// A number of 64 bits, which is a string as a rule (Protocol Buffers, "ProtoJSON Format").
        struct Number: Decodable {
            let value: Int

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                value = try (try? container.decode(String.self)).flatMap { Int($0) } ?? container.decode(Int.self)
            }
        }
    }
}

/// Why a collector has not taken spans.
package enum ExportFailure: Hashable, Sendable {
    /// It has answered with this status; what it says, in words that follow its name.
    case status(Int, String)
    /// It gave no answer.
    case unanswered(FetchError)
}

extension Set<Int> {
    fileprivate static func ~= (set: Set, number: Int) -> Bool { set.contains(number) }
}
