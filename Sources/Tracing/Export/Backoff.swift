// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How long a collector is let alone for that has not taken something: longer each time, and never as long as another server does.
struct Backoff {
    private static let shortest = Duration.seconds(1)
    private static let longest = Duration.seconds(30)

    private var pause = shortest

    /// The next pause: between half and all of a time that doubles.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { pause = min(pause * 2, Self.longest) }
        return pause * Double.random(in: 0.5...1, using: &generator)
    }
}
