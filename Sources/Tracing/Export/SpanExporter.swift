// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import HTTPSemantics
internal import ServerClient
internal import Synchronization
internal import Ticks

/// Sends spans to a collector: one request at a time, each five seconds, or as soon as there is a batch.
///
/// 1. A batch is what waits longest, of the tracer's queue. Only here it becomes spans, and JSON.
/// 2. A collector that cannot take it now is asked again, with longer and longer pauses, for as long as there is room for what
///    comes meanwhile. Then the batch is given up.
/// 3. At the end, all that is left is sent once, in little time.
package final class SpanExporter: Sendable {
    /// What is sent in one request.
    private struct Batch {
        let json: [UInt8]
        let count: Int
    }

    /// How often it is looked whether there is a batch: it is not told, as to wake a task may make a connection's thread wait.
    private static let lookPeriod = Duration.milliseconds(250)
    /// After how many looks all is sent that there is: five seconds, the default of OpenTelemetry's batching processor
    /// (`scheduledDelayMillis`).
    private static let looksBetweenSends = 20
    /// How long one request may take: the default of OpenTelemetry's OTLP exporter (`OTEL_EXPORTER_OTLP_TIMEOUT`).
    package static let usualTimeout = Duration.seconds(10)
    /// The longest answer that is taken, in bytes: what a collector says of spans that it rejects is a few sentences.
    private static let longestAnswer = 64 << 10

    private let tracer: Tracer
    private let endpoint: CollectorEndpoint
    private let service: TracedService
    private let timeout: Duration
    private let pause: @Sendable (Duration) async throws -> Void
    private let observe: @Sendable (ExportEvent) -> Void
    /// What is being sent, and was not taken yet.
    private let current = Mutex<Batch?>(nil)

    /// An exporter.
    ///
    /// - Parameters:
    ///   - tracer: Has the spans.
    ///   - endpoint: The collector.
    ///   - service: Who tells of them.
    ///   - timeout: How long one request may take.
    ///   - pause: Waits, unless the task is cancelled.
    ///   - observe: Is told how it goes.
    package init(
        _ tracer: Tracer,
        to endpoint: CollectorEndpoint,
        of service: TracedService,
        timeout: Duration = usualTimeout,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        observe: @escaping @Sendable (ExportEvent) -> Void
    ) {
        (self.tracer, self.endpoint, self.service) = (tracer, endpoint, service)
        (self.timeout, self.pause, self.observe) = (timeout, pause, observe)
    }

    /// How often a batch is sent: over some three minutes.
    private static let mostTries = 12

    /// Sends spans until the task is cancelled.
    package func run() async {
        let (calls, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask {
                let looks = Mutex(0)
                await Ticks.each(Self.lookPeriod) {
                    let isTime = looks.withLock { looks in
                        looks = (looks + 1) % Self.looksBetweenSends
                        return looks == 0
                    }
                    if isTime { self.tracer.settle() }
                    if isTime || self.tracer.hasBatch { bell.yield() }
                }
            }
            for await _ in calls { await sendAll() }
        }
    }

    /// Sends all that waits, until there is nothing left or the task is cancelled.
    func sendAll() async {
        while let batch = nextBatch(), await deliver(batch) {}
    }

    /// Sends all that is left, each batch once, within a time; what is not taken in that time is lost.
    package func flush(within limit: Duration) async {
        tracer.settle()
        await withTimeLimit(limit) {
            while let batch = self.nextBatch() {
                let verdict = await self.send(batch)
                if case .later(let failure, _) = verdict { return self.observe(.failed(failure)) }
                self.settle(batch, verdict)
            }
        }
        let left = (current.withLock { $0.take() }?.count ?? 0) + tracer.waitingCount
        if left > 0 { observe(.left(left)) }
    }

    private func nextBatch() -> Batch? {
        if let batch = current.withLock(\.self) { return batch }
        let exchanges = tracer.next()
        guard !exchanges.isEmpty else { return nil }
        var generator = SystemRandomNumberGenerator()
        let spans = exchanges.map { Span($0, using: &generator) }
        let batch = Batch(json: ExportRequest(service: service, spans: spans).json, count: spans.count)
        current.withLock { $0 = batch }
        return batch
    }

    /// Sends a batch until it is taken or given up, and returns whether that was so before the task was cancelled.
    private func deliver(_ batch: Batch) async -> Bool {
        var (backoff, tries) = (Backoff(), 0)
        var generator = SystemRandomNumberGenerator()
        while true {
            let verdict = await send(batch)
            guard case .later(let failure, let wish) = verdict else {
                settle(batch, verdict)
                return true
            }
            guard !Task.isCancelled else { return false }
            observe(.failed(failure))
            let least = backoff.next(using: &generator)
            guard (try? await pause(max(wish ?? .zero, least))) != nil else { return false }
            tries += 1
            // What nobody takes must not keep what comes after it waiting for ever.
            guard !tracer.isFull, tries < Self.mostTries else {
                giveUp(batch)
                return true
            }
        }
    }

    private func send(_ batch: Batch) async -> ExportVerdict {
        let request = FetchRequest(
            endpoint.path,
            method: "POST",
            fields: [("content-type", "application/json"), ("user-agent", service.userAgent)],
            content: batch.json,
            limit: Self.longestAnswer
        )
        let client = ServerClient(endpoint.origin, timeout: timeout)
        let verdict = Mutex(ExportVerdict(.timedOut(afterConnecting: false)))
        // The client's time begins when the name is resolved.
        await withTimeLimit(timeout) {
            do throws(FetchError) {
                let answer = try await client.fetch(request)
                let outcome = ExportVerdict(
                    status: answer.status,
                    content: answer.body,
                    retryAfter: answer["retry-after"],
                    words: answer.words,
                    to: batch.count,
                    now: HTTPDate(seconds: platform_seconds())
                )
                verdict.withLock { $0 = outcome }
            } catch {
                // It is cancelled where its time is up, which the verdict says already.
                if error != .cancelled { verdict.withLock { $0 = ExportVerdict(error) } }
            }
        }
        return verdict.withLock(\.self)
    }

    private func settle(_ batch: Batch, _ verdict: ExportVerdict) {
        switch verdict {
        case .taken(let rejected, let message):
            current.withLock { $0 = nil }
            tracer.count(batch.count - rejected, as: .exported)
            tracer.count(rejected, as: .rejected)
            observe(rejected > 0 || message?.isEmpty == false ? .rejected(rejected, message) : .exported)
        case .refused(let failure), .later(let failure, _):
            observe(.failed(failure))
            giveUp(batch)
        }
    }

    private func giveUp(_ batch: Batch) {
        current.withLock { $0 = nil }
        tracer.count(batch.count, as: .failed)
    }
}

/// How it goes with a collector.
package enum ExportEvent: Hashable, Sendable {
    /// It has taken spans.
    case exported
    /// It has taken spans, but so many of them; what it says of that, also if it has taken all.
    case rejected(Int, String?)
    /// It has not taken spans.
    case failed(ExportFailure)
    /// So many were not sent when the process ended.
    case left(Int)
}
