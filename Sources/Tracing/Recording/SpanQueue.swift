// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The exchanges that wait to be told of, up to a limit beyond which they are dropped.
struct SpanQueue {
    /// The most that wait: the default of OpenTelemetry's batching processor (`maxQueueSize`).
    static let capacity = 2048
    /// The most that are told of at once: the default of that processor (`maxExportBatchSize`).
    static let batchSize = 512

    private var waiting: [TracedExchange] = []

    /// How many wait.
    var count: Int { waiting.count }
    /// Whether there is no room for any more.
    var isFull: Bool { waiting.count >= Self.capacity }
    /// Whether as many wait as are told of at once.
    var hasBatch: Bool { waiting.count >= Self.batchSize }

    /// Adds exchanges for which there is room, and returns how many there was none for.
    mutating func add(_ exchanges: [TracedExchange]) -> Int {
        let taken = exchanges.prefix(Self.capacity - waiting.count)
        waiting += taken
        return exchanges.count - taken.count
    }

    /// Takes those that have waited longest, as many as are told of at once.
    mutating func take() -> [TracedExchange] {
        let taken = Array(waiting.prefix(Self.batchSize))
        waiting.removeFirst(taken.count)
        return taken
    }
}
