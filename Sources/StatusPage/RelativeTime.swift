// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerInterface

/// A time as people read it: how long ago or how far off, with the exact time for machines and for whoever points at it.
struct RelativeTime {
    /// A ``Timestamp``.
    private let text: String
    private let now: String

    /// A time, seen at another.
    init(_ text: String, now: String) { (self.text, self.now) = (text, now) }

    /// An element.
    var html: HTML { "<time datetime=\"\(text)\" title=\"\(text)\">\(words)</time>" }

    /// In words: `3 min ago`, `in 5 days`; the time itself where it cannot be told.
    var words: String {
        guard let seconds else { return text }
        if seconds.magnitude < 2 { return "just now" }
        let length = Self.length(seconds.magnitude)
        return seconds < 0 ? "\(length) ago" : "in \(length)"
    }

    /// How many seconds off it is; less than 0 if it has been.
    var seconds: Int64? {
        guard let then = Timestamp.seconds(text), let now = Timestamp.seconds(now) else { return nil }
        return then - now
    }

    /// A length of time in its largest unit.
    private static func length(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
