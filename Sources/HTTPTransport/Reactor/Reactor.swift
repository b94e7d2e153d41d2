// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
internal import CPlatform
internal import Dispatch
internal import NIOCore
internal import Synchronization

/// A thread that waits for what happens at sockets, and has it dealt with there: an event loop on epoll(7).
///
/// It is started once and runs as long as the process.
final class Reactor: Sendable {
    /// Something to be done on the thread.
    typealias Job = @Sendable (ReactorLoop) -> Void

    /// The process's reactors, one for each processor; they begin when the first port is opened.
    static let all: [Reactor] = (0..<System.coreCount).map { Reactor(number: $0) }

    private let jobs = Mutex<[Job]>([])
    private let signal: CInt

    private init(number: Int) {
        signal = platform_signal_create()
        let poll = platform_poll_create()
        precondition(signal >= 0 && poll >= 0, "there are descriptors for event loops when the process begins")
        DispatchQueue(label: "wasm-server.reactor-\(number)").async { [self] in
            ReactorLoop(self, poll: poll, signal: signal).run()
        }
    }

    /// Has something done on the thread, behind everything before; it never waits.
    func run(_ job: @escaping Job) {
        let isFirst = jobs.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { platform_signal_raise(signal) }
    }

    /// Has something done on the thread, and waits for it.
    func finish(_ job: @escaping Job) async {
        await withCheckedContinuation { continuation in
            run { loop in
                job(loop)
                continuation.resume()
            }
        }
    }

    /// Takes out what is to be done.
    func takeJobs() -> [Job] {
        jobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
    }
}
#endif
