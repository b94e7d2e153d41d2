// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Dispatch
import ServerClient
import Synchronization
import TestSupport
import Testing

@testable import Peers

@Suite("The addresses of a host", .timeLimit(.minutes(5)))
struct CachingResolverTests {
    /// A name server whose answers a test gives one by one.
    private final class NameServer: Sendable {
        private let answers: Mutex<[HostLookup]>
        private let turn = DispatchSemaphore(value: 0)
        let hosts = Mailbox<String>()

        init(_ answers: [HostLookup]) {
            self.answers = Mutex(answers)
        }

        /// Lets the lookup that is under way, or the next, end.
        func answer() { turn.signal() }

        func resolver() -> CachingResolver {
            CachingResolver.unhurried(
                lookUp: { host in
                    self.hosts.put(host)
                    self.turn.wait()
                    return self.answers.withLock { $0.isEmpty ? .addresses([]) : $0.removeFirst() }
                }
            )
        }
    }

    private static let one: [UInt8] = [192, 0, 2, 1]
    private static let two: [UInt8] = [192, 0, 2, 2]

    @Test("is looked up each time that someone asks")
    func freshness() async {
        let names = NameServer([.addresses([Self.one]), .addresses([Self.one, Self.two])])
        let resolver = names.resolver()
        let lookups = Mailbox<HostLookup>()
        for answer in [[Self.one], [Self.one, Self.two]] {
            names.answer()
            #expect(await resolver.addresses(of: "a") { lookups.put($0) } == .init(addresses: answer, isComplete: true))
        }
        #expect(names.hosts.all == ["a", "a"])
        await lookups.await(count: 2)
        #expect(lookups.all == [.addresses([Self.one]), .addresses([Self.one, Self.two])])
    }

    @Test("is what it was while a lookup hangs, and when one fails, and then perhaps not all")
    func slowness() async {
        let failing = Hanging(answering: [.addresses([Self.one]), .failed(reason: "no server")])
        #expect(await failing.ask() == .init(addresses: [Self.one], isComplete: true))
        #expect(await failing.ask() == .init(addresses: [Self.one], isComplete: false))
        let hanging = Hanging(answering: [.addresses([Self.one])], timeout: .milliseconds(50))
        _ = await hanging.ask()
        await hanging.ended.await(count: 1)
        #expect(await hanging.ask() == .init(addresses: [Self.one], isComplete: false))
        hanging.end()
    }

    @Test("is looked up anew while an earlier lookup hangs, whose answer then is too old")
    func overtaking() async {
        let resolver = Hanging(
            answering: [nil, .addresses([Self.two]), .failed(reason: "no server")],
            afterwards: .addresses([Self.one])
        )
        async let first = resolver.ask()
        await resolver.begun.await(count: 1)
        #expect(await resolver.ask() == .init(addresses: [Self.two], isComplete: true))
        #expect(await first.addresses == [Self.two])
        resolver.end()
        await resolver.ended.await(count: 2)
        #expect(resolver.ended.all == [.addresses([Self.two]), .addresses([Self.one])])
        #expect(await resolver.ask().addresses == [Self.two])
    }

    @Test("is looked up by no more than eight threads at a time")
    func threads() async {
        let resolver = Hanging(answering: [], timeout: .milliseconds(50))
        for _ in 0..<10 { _ = await resolver.ask() }
        #expect(resolver.begun.all.count == 8)
        resolver.end()
        await resolver.ended.await(count: 8)
        _ = await resolver.ask()
        #expect(resolver.begun.all.count == 9)
    }

    @Test("is looked up by no more than 32 threads at a time with those of others, but by one at least")
    func threadsOfAll() async {
        let resolver = Hanging(answering: [], timeout: .milliseconds(20))
        for host in ["a", "b", "c", "d", "e", "f"] {
            for _ in 0..<9 { _ = await resolver.ask(for: host) }
        }
        #expect(resolver.lookupCount == 34)
        resolver.end()
        await resolver.ended.await(count: 34)
        #expect(resolver.lookupCount == 0)
        #expect(resolver.begun.all.count { $0 == "d" } == 8)
        #expect(resolver.begun.all.count { $0 == "f" } == 1)
    }

    @Test("is waited for by nobody who has given up, though its lookups hang")
    func givingUp() async {
        let resolver = Hanging(answering: [], timeout: .milliseconds(20))
        for _ in 0..<10 { _ = await resolver.ask() }
        #expect(resolver.waitingCount == 0)
        resolver.end()
        await resolver.ended.await(count: 8)
    }

    @Test(
        "is what it was for a minute more when the host has none any more, and perhaps not all",
        arguments: [[60], [30, 60], [59, 60]]
    )
    func noneAnyMore(_ seconds: [Int]) async {
        let start = ContinuousClock.now
        let time = Mutex(0)
        let answers = Mutex([[Self.one]])
        let resolver = CachingResolver(
            timing: .init(timeout: .seconds(60)),
            now: { start + .seconds(time.withLock(\.self)) },
            lookUp: { _ in .addresses(answers.withLock { $0.isEmpty ? [] : $0.removeFirst() }) }
        )
        #expect(await resolver.addresses(of: "a") { _ in } == .init(addresses: [Self.one], isComplete: true))
        #expect(await resolver.addresses(of: "a") { _ in } == .init(addresses: [Self.one], isComplete: false))
        for second in seconds {
            time.withLock { $0 = second }
            let addresses = second < 60 ? [Self.one] : []
            #expect(await resolver.addresses(of: "a") { _ in } == .init(addresses: addresses, isComplete: false))
        }
        answers.withLock { $0 = [[Self.two]] }
        #expect(await resolver.addresses(of: "a") { _ in } == .init(addresses: [Self.two], isComplete: true))
    }

    /// A resolver whose lookups answer at once, or hang until the test ends them.
    private final class Hanging: Sendable {
        let begun = Mailbox<String>()
        let ended = Mailbox<HostLookup>()
        private let resolver: CachingResolver
        private let turn = DispatchSemaphore(value: 0)

        /// A resolver; nil is for a lookup that hangs, as all others do, and then comes to what is said for afterwards.
        init(
            answering answers: [HostLookup?],
            afterwards: HostLookup = .addresses([two]),
            timeout: Duration = .seconds(600)
        ) {
            let answers = Mutex(answers)
            resolver = CachingResolver(
                timing: .init(timeout: timeout),
                lookUp: { [begun, turn] host in
                    begun.put(host)
                    if let answer = answers.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return answer }
                    turn.wait()
                    turn.signal()
                    return afterwards
                }
            )
        }

        func ask(for host: String = "a") async -> CachingResolver.Resolution {
            await resolver.addresses(of: host) { self.ended.put($0) }
        }

        var waitingCount: Int { resolver.waitingCount }
        var lookupCount: Int { resolver.lookupCount }

        /// Ends the lookups that hang, and has none hang any more.
        func end() { turn.signal() }
    }

    @Test("is none, and known to be, when there is no such host")
    func unknownHost() async {
        let names = NameServer([.addresses([])])
        names.answer()
        #expect(await names.resolver().addresses(of: "a") { _ in } == .init(addresses: [], isComplete: false))
    }

    @Test("is cut at 64 addresses, and then not all")
    func many() async {
        let names = NameServer([.addresses((0..<65).map { [10, 0, 0, $0] })])
        names.answer()
        let resolution = await names.resolver().addresses(of: "a") { _ in }
        #expect(resolution.addresses.count == 64)
        #expect(!resolution.isComplete)
    }

    @Test(
        "is told by the system",
        arguments: [("127.0.0.1", [127, 0, 0, 1]), ("::1", Array(repeating: 0, count: 15) + [1])]
    )
    func system(_ host: String, _ address: [UInt8]) {
        #expect(HostLookup.blocking(host) == .addresses([address]))
    }

    @Test("of this machine is its loopback address")
    func localhost() {
        guard case .addresses(let addresses) = HostLookup.blocking("localhost") else {
            Issue.record("localhost has addresses")
            return
        }
        #expect(addresses.contains([127, 0, 0, 1]))
        #expect(Set(addresses).count == addresses.count)
    }
}
