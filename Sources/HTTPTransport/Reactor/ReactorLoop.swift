// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
internal import CPlatform
internal import HTTPService

/// Is told when something happens at a socket that it watches.
protocol ReactorWatcher: AnyObject {
    /// Something has happened.
    func isReady(_ readiness: platform_readiness)
}

/// What a reactor has on its thread: the sockets that it waits for, and what is to be done at what time.
@safe
final class ReactorLoop {
    /// Its reactor, to which other threads give jobs.
    let reactor: Reactor
    /// Where input is received: it is dealt with before the next is.
    let inputBuffer: UnsafeMutableBufferPointer<UInt8>
    /// Where pieces are put together to be sent.
    let pieces: UnsafeMutableBufferPointer<platform_piece>

    /// The acceptors on it, by their ports.
    var acceptors: [Int: Acceptor] = [:]

    private let poll: CInt
    private let signal: CInt
    /// What has happened, as the system tells it.
    private let events: UnsafeMutableBufferPointer<platform_readiness>
    private var watchers: [(any ReactorWatcher)?] = []
    private var freeKeys: [Int] = []
    /// What is to be done at a time; there are few.
    private var timers: [(time: Int64, action: () -> Void)] = []
    /// When the first of it is to be done, in milliseconds; far away if there is nothing.
    private var nextTimer = Int64.max

    /// How much is received at a time, in bytes: requests are small.
    private static let inputSize = 16 << 10
    /// How many pieces are sent at a time: the headers and contents of 62 DATA frames, which make a megabyte.
    private static let pieceCount = 124
    private static let eventsAtATime = 64
    /// How long it waits at most for something to happen, in milliseconds.
    private static let longestPause: Int64 = 60_000
    /// How late it is at most, in milliseconds, without looking first at what came before a deadline.
    private static let mostLate: Int64 = 50
    /// Stands for the signal that there are jobs.
    private static let signalKey = UInt64.max

    /// The loop of a reactor, over an epoll descriptor and the signal that there are jobs; both are its own.
    init(_ reactor: Reactor, poll: CInt, signal: CInt) {
        (self.reactor, self.poll, self.signal) = (reactor, poll, signal)
        unsafe inputBuffer = .allocate(capacity: Self.inputSize)
        unsafe pieces = .allocate(capacity: Self.pieceCount)
        unsafe events = .allocate(capacity: Self.eventsAtATime)
        _ = platform_poll_add(poll, signal, Self.signalKey, 0)
    }

    // MARK: Sockets

    /// Watches a socket for input, and if so for room for output: as they are now, and each change.
    ///
    /// - Returns: A key by which it is forgotten.
    /// - Throws: What epoll_ctl(2) says.
    func watch(
        _ descriptor: CInt,
        awaitingOutput: Bool,
        _ watcher: any ReactorWatcher
    ) throws(SocketError) -> Int {
        try add(watcher) { platform_poll_add(poll, descriptor, $0, awaitingOutput ? 1 : 0) }
    }

    /// Watches a socket for room for output, too.
    func awaitOutput(_ descriptor: CInt, key: Int) {
        _ = platform_poll_await_output(poll, descriptor, UInt64(key))
    }

    /// Watches a listening socket that others watch too, of whom one is called.
    ///
    /// - Returns: A key by which it is forgotten.
    /// - Throws: What epoll_ctl(2) says.
    func watchShared(_ descriptor: CInt, _ watcher: any ReactorWatcher) throws(SocketError) -> Int {
        try add(watcher) { platform_poll_shared(poll, descriptor, $0) }
    }

    private func add(_ watcher: any ReactorWatcher, _ register: (UInt64) -> CInt) throws(SocketError) -> Int {
        let key = freeKeys.popLast() ?? watchers.count
        if key == watchers.count { watchers.append(nil) }
        let outcome = register(UInt64(key))
        guard outcome == 0 else {
            freeKeys.append(key)
            throw SocketError(number: -outcome)
        }
        watchers[key] = watcher
        return key
    }

    /// Stops watching a socket that stays open.
    func unwatch(_ descriptor: CInt, key: Int) {
        _ = platform_poll_remove(poll, descriptor)
        forget(key)
    }

    /// Stops watching a socket that is about to be closed, which takes it out of epoll by itself.
    func forget(_ key: Int) {
        watchers[key] = nil
        released.append(key)
    }

    /// Keys that may be given again once what has happened before is dealt with: it may be about who had them.
    private var released: [Int] = []

    // MARK: Answers that come later

    private var receivers: [Int: (Response) -> Void] = [:]
    private var lastReceiver = 0

    /// Keeps who gets an answer when it comes; returns the number to deliver it by.
    func expect(_ receiver: @escaping (Response) -> Void) -> Int {
        lastReceiver += 1
        receivers[lastReceiver] = receiver
        return lastReceiver
    }

    /// Delivers an answer.
    func deliver(_ response: Response, _ number: Int) {
        receivers.removeValue(forKey: number)?(response)
    }

    // MARK: Time

    /// Does something after a time; it may come some milliseconds early, by as much as the clock is late.
    func schedule(after duration: Duration, _ action: @escaping () -> Void) {
        let time = platform_uptime_milliseconds() + Int64((duration / .milliseconds(1)).rounded(.up))
        timers.append((time, action))
        nextTimer = min(nextTimer, time)
    }

    /// Does what is to be done by now; returns how long there is nothing to be done then, in milliseconds, or -1 for any time.
    private func runTimers() -> CInt {
        guard nextTimer < .max else { return -1 }
        let now = platform_uptime_milliseconds()
        if nextTimer <= now {
            if now - nextTimer > Self.mostLate { catchUp() }
            let due = timers.filter { $0.time <= now }
            timers.removeAll { $0.time <= now }
            nextTimer = timers.lazy.map(\.time).min() ?? .max
            for timer in due { timer.action() }
        }
        return nextTimer < .max ? CInt(max(0, min(nextTimer - now, Self.longestPause))) : -1
    }

    // MARK: Running

    /// Waits for what happens, and has it dealt with, for good.
    func run() -> Never {
        var pause: CInt = -1
        while true {
            _ = deal(waiting: pause)
            pause = runTimers()
        }
    }

    /// Deals with all that has happened up to now: while the process was stopped, or others had the processor, clients went on.
    private func catchUp() {
        var rounds = watchers.count / Self.eventsAtATime + 1
        while rounds > 0, deal(waiting: 0) > 0 { rounds -= 1 }
    }

    /// Waits for something to happen, for so many milliseconds at most, and deals with it; returns how much that was.
    private func deal(waiting pause: CInt) -> Int {
        let count = max(Int(unsafe platform_poll_wait(poll, events.baseAddress, CInt(Self.eventsAtATime), pause)), 0)
        for index in 0..<count {
            let event = unsafe events[index]
            if event.key == Self.signalKey {
                platform_signal_clear(signal)
                for job in reactor.takeJobs() { job(self) }
            } else {
                watchers[Int(event.key)]?.isReady(event)
            }
        }
        if !released.isEmpty {
            freeKeys += released
            released.removeAll(keepingCapacity: true)
        }
        return count
    }
}
#endif
