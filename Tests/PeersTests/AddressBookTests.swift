// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Dispatch
import ServerClient
import Synchronization
import Testing

@testable import Peers

@Suite("The addresses of a host", .timeLimit(.minutes(1)))
struct AddressBookTests {
    /// A resolver whose answers a test gives one by one.
    private final class Resolver: Sendable {
        private let answers: Mutex<[HostLookup]>
        private let turn = DispatchSemaphore(value: 0)
        let hosts = Mailbox<String>()

        init(_ answers: [HostLookup]) {
            self.answers = Mutex(answers)
        }

        /// Lets the lookup that is under way, or the next, end.
        func answer() { turn.signal() }

        func book(patience: Duration = .seconds(60)) -> AddressBook {
            AddressBook(patience: patience) { host in
                self.hosts.put(host)
                self.turn.wait()
                return self.answers.withLock { $0.isEmpty ? .addresses([]) : $0.removeFirst() }
            }
        }
    }

    private static let one: [UInt8] = [192, 0, 2, 1]
    private static let two: [UInt8] = [192, 0, 2, 2]

    @Test("is looked up each time that someone asks")
    func freshness() async {
        let resolver = Resolver([.addresses([Self.one]), .addresses([Self.one, Self.two])])
        let book = resolver.book()
        let lookups = Mailbox<HostLookup>()
        for answer in [[Self.one], [Self.one, Self.two]] {
            resolver.answer()
            #expect(await book.addresses(of: "a") { lookups.put($0) } == .init(addresses: answer, isComplete: true))
        }
        #expect(resolver.hosts.all == ["a", "a"])
        await lookups.await(count: 2)
        #expect(lookups.all == [.addresses([Self.one]), .addresses([Self.one, Self.two])])
    }

    @Test("is what it was while a lookup takes long or fails, and then perhaps not all")
    func slowness() async {
        let resolver = Resolver(
            [.addresses([Self.one]), .failed(reason: "no server")]
                + Array(repeating: .addresses([Self.two]), count: 100)
        )
        let book = resolver.book(patience: .milliseconds(50))
        let lookups = Mailbox<HostLookup>()
        resolver.answer()
        while await book.addresses(of: "a", ended: { lookups.put($0) }).addresses.isEmpty {}
        #expect(
            await book.addresses(of: "a") { lookups.put($0) } == .init(addresses: [Self.one], isComplete: false)
        )
        // The lookup that is still under way is not begun twice.
        #expect(await book.addresses(of: "a") { lookups.put($0) } == .init(addresses: [Self.one], isComplete: false))
        #expect(resolver.hosts.all.count == 2)
        resolver.answer()
        await lookups.await(count: 2)
        #expect(lookups.all == [.addresses([Self.one]), .failed(reason: "no server")])
        resolver.answer()
        while await book.addresses(of: "a", ended: { _ in }).addresses != [Self.two] {}
        repeat { resolver.answer() } while await book.addresses(of: "a", ended: { _ in }).isComplete == false
    }

    @Test("is none, and known to be, when there is no such host")
    func unknownHost() async {
        let resolver = Resolver([.addresses([])])
        resolver.answer()
        #expect(await resolver.book().addresses(of: "a") { _ in } == .init(addresses: [], isComplete: false))
    }

    @Test("is cut at 64 addresses, and then not all")
    func many() async {
        let resolver = Resolver([.addresses((0..<65).map { [10, 0, 0, $0] })])
        resolver.answer()
        let resolution = await resolver.book().addresses(of: "a") { _ in }
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
