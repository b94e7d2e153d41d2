// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleCatalog
internal import ServiceLifecycle

/// Looks at the sources again and again, so that what has changed is served.
struct SourceWatch: Service {
    /// How long after a look the next one is, at least.
    private static let period = Duration.seconds(1)
    /// How many times as long as a look took it is until the next one, at least: looking at thousands of files takes a while.
    private static let idleness = 50

    private let catalog: LiveCatalog
    private let rehash: Duration
    private let looks: AsyncStream<LiveCatalog.Occasion>
    private let continuation: AsyncStream<LiveCatalog.Occasion>.Continuation

    /// Prepares the looks; ``run()`` begins them, and may be called once.
    ///
    /// - Parameters:
    ///   - catalog: What is to be kept up to date.
    ///   - rehash: How often everything is read, whatever sizes and times of files say.
    init(_ catalog: LiveCatalog, rehash: Duration) {
        self.catalog = catalog
        self.rehash = rehash
        (looks, continuation) = AsyncStream.makeStream()
    }

    /// Looks at once; it does not wait for that.
    func lookNow() {
        continuation.yield(.request)
    }

    /// Looks until a graceful shutdown begins.
    func run() async {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                var nextRehash = ContinuousClock.now + rehash
                continuation.yield(.poll)
                for await occasion in looks {
                    let start = ContinuousClock.now
                    await BlockingWork.run { catalog.look(occasion) }
                    // The next one of those that come by themselves is under way.
                    guard occasion != .request else { continue }
                    let now = ContinuousClock.now
                    let isRehash = now >= nextRehash
                    if isRehash { nextRehash = now + rehash }
                    let pause = max(Self.period, (now - start) * Self.idleness)
                    group.addTask {
                        if (try? await Task.sleep(for: pause)) != nil { continuation.yield(isRehash ? .rehash : .poll) }
                    }
                }
            }
        }
    }
}
