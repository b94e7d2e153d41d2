// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How long searches take.
struct SearchTiming: Sendable {
    /// From the beginning of one round to that of the next: no client can make this server ask its peers more often.
    ///
    /// With what it asks them by itself, each ten seconds, that is less than once a second.
    var interval = Duration.milliseconds(1200)
    /// From a request to its answer.
    ///
    /// Envoy waits 5 seconds for a module or longer, and asks again after an error.
    var deadline = Duration.seconds(4)
    /// From the end of a round for how long its lists are believed without asking again.
    var freshness = Duration.seconds(5)
}
