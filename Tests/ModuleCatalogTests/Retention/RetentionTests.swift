// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ProxyWasm
import TestSupport
import Testing

@testable import ModuleCatalog

@Suite("What is kept")
struct RetentionTests {
    /// Modules of 10,000 bytes: three pages of 4 KiB each, and what it takes to serve them.
    private let modules = (0..<8).map { WasmModule.ofSize(10_000, seed: UInt8($0)) }
    private let share = Self.policy().memory(of: 3 * 4096)

    @Test("is kept for the time that was asked for after it came, and not a second longer")
    func time() throws {
        var retention = retention(time: 60)
        retention.add(try kept(0, at: 1000))
        #expect(retention.trim(at: Self.moment(1059)).isEmpty)
        #expect(retention.trim(at: Self.moment(1060)).map(\.cause) == [.time])
        #expect(retention.modules.isEmpty)
    }

    @Test("is kept for that time after it was last fetched")
    func fetched() throws {
        var retention = retention(time: 60)
        let module = try kept(0, at: 1000)
        retention.add(module)
        module.wasFetched(at: Self.moment(1050))
        #expect(retention.trim(at: Self.moment(1109)).isEmpty)
        #expect(retention.trim(at: Self.moment(1110)).map(\.cause) == [.time])
    }

    @Test("makes room in the order in which it was last fetched")
    func memory() throws {
        var retention = retention(memory: 3 * share)
        let modules = try (0..<3).map { try kept($0, at: 1000 + Int64($0)) }
        modules.forEach { retention.add($0) }
        modules[0].wasFetched(at: Self.moment(1010))
        let dropped = retention.trim(at: Self.moment(1020))
        #expect(dropped.map(\.module.blob.digest) == [modules[1].blob.digest])
        #expect(dropped.map(\.cause) == [.memory])
        #expect(retention.room == 0)
    }

    @Test("is no more than so many modules, as each holds a descriptor")
    func count() throws {
        var retention = retention(count: 2)
        for index in 0..<3 { retention.add(try kept(index, at: 1000)) }
        #expect(retention.room == 0)
        #expect(retention.trim(at: Self.moment(1001)).map(\.cause) == [.count])
        #expect(retention.modules.map(\.blob.digest) == [Digest(of: modules[1]), Digest(of: modules[2])])
    }

    @Test("makes no room for what searches bring, whoever was fetched later", arguments: KeptModule.Reason.lasting)
    func searches(_ reason: KeptModule.Reason) throws {
        // Three quarters are for what is served or announced, and one for searches.
        var retention = retention(memory: 4 * share)
        for index in 0..<3 { retention.add(try kept(index, at: 1000, for: reason)) }
        for index in 3..<6 {
            retention.add(try kept(index, at: 1000 + Int64(index), for: .sought))
            _ = retention.trim(at: Self.moment(1010))
            let expected = [0, 1, 2, index].map { Digest(of: modules[$0]) }
            #expect(retention.modules.map(\.blob.digest) == expected)
        }
    }

    @Test("leaves searches their part, and makes room for the rest by letting go of what they brought")
    func searchesPart() throws {
        var retention = retention(memory: 4 * share)
        for index in 0..<4 { retention.add(try kept(index, at: 1000, for: .sought)) }
        #expect(retention.trim(at: Self.moment(1000)).isEmpty)
        #expect(retention.room == 4 * share - retention.policy.memory(of: 0))
        for index in 4..<8 { retention.add(try kept(index, at: 900, for: .announced)) }
        let dropped = retention.trim(at: Self.moment(1001)).map(\.module.blob.digest)
        #expect(Set(dropped) == Set([0, 1, 2, 4].map { Digest(of: modules[$0]) }))
    }

    @Test("that was served here goes after what peers announced, whoever was fetched later")
    func served() throws {
        var retention = retention(memory: 3 * share)
        retention.add(try kept(0, at: 1000, for: .served))
        retention.add(try kept(1, at: 1001, for: .announced))
        retention.add(try kept(2, at: 1002, for: .served))
        #expect(retention.trim(at: Self.moment(1010)).map(\.module.blob.digest) == [Digest(of: modules[1])])
    }

    @Test("that searches bring is no more than what is left of so many modules")
    func searchesCount() throws {
        var retention = retention(count: 4)
        for index in 0..<3 { retention.add(try kept(index, at: 1000, for: .served)) }
        for index in 3..<5 { retention.add(try kept(index, at: 1001, for: .sought)) }
        #expect(retention.trim(at: Self.moment(1010)).map(\.module.blob.digest) == [Digest(of: modules[3])])
    }

    @Test("may be a module as large as all of the memory, alone")
    func large() throws {
        var retention = retention(memory: share)
        #expect(retention.room == retention.policy.largest)
        retention.add(try kept(0, at: 1000, for: .served))
        #expect(retention.trim(at: Self.moment(1010)).isEmpty)
    }

    @Test("is nothing if nothing is to be kept")
    func none() throws {
        var retention = retention(time: 0)
        #expect(retention.room == 0)
        retention.add(try kept(0, at: 1000))
        #expect(retention.trim(at: Self.moment(1000)).count == 1)
    }

    @Test("is counted in whole pages, and one more, on whatever machine", arguments: [4096, 16_384, 65_536])
    func pages(_ page: Int) {
        let policy = RetentionPolicy(time: 1, memory: 10 << 20, count: 1, page: page)
        #expect(policy.memory(of: 1) == 2 * page + 20_480)
        #expect(policy.memory(of: page) == policy.memory(of: 1))
        #expect(policy.memory(of: page + 1) == policy.memory(of: 1) + page)
        #expect(policy.memory(of: policy.largest) <= policy.memory)
        #expect(policy.memory(of: policy.largest + 1) > policy.memory)
    }

    @Test("is counted when it is dropped until nobody holds it, and its memory is needed if there is too much")
    func released() throws {
        // A quarter is for searches, so that two modules fit.
        var retention = retention(memory: 8 * share / 3 + 4)
        for index in 0..<2 { retention.add(try kept(index, at: 1000 + Int64(index))) }
        retention.note(retention.trim(at: Self.moment(1010)))
        #expect(retention.released.count == 0)
        retention.add(try kept(2, at: 1002))
        var held = retention.modules.first?.blob
        retention.note(retention.trim(at: Self.moment(1010)))
        #expect(retention.released.byteCount == share && held?.life.isAwaited == true)
        #expect(retention.room == 0)
        held = nil
        #expect(retention.released.count == 0 && !retention.released.isAwaited)
    }

    @Test("leaves room for what it does not take")
    func room() throws {
        var retention = retention(memory: 8 * share / 3)
        let room = retention.room
        #expect(room >= 3 * 4096)
        retention.add(try kept(0, at: 1000))
        #expect(retention.room == 3 * 4096)
        retention.remove([Digest(of: modules[0])])
        #expect(retention.room == room)
    }

    @Test("keeps its age when it comes from a peer, and whatever becomes of the wall clock")
    func age() throws {
        var retention = retention(time: 60)
        retention.add(try kept(0, at: 1000, lastUsed: 1_795_000_000 - 50, by: retention.policy))
        #expect(retention.trim(at: ClockReading(date: 1_795_000_000 + 999_999, uptime: 1009)).isEmpty)
        #expect(retention.trim(at: ClockReading(date: 1_795_000_000 + 999_999, uptime: 1010)).map(\.cause) == [.time])
    }

    @Test("is kept for a tenth of the time when it comes, however old its peer says that it is")
    func skew() throws {
        var retention = retention(time: 60)
        retention.add(try kept(0, at: 1000, lastUsed: 0, by: retention.policy))
        #expect(retention.trim(at: Self.moment(1005)).isEmpty)
        #expect(retention.trim(at: Self.moment(1006)).map(\.cause) == [.time])
    }

    /// A moment by a wall clock that stands still.
    private static func moment(_ uptime: Int64) -> ClockReading { ClockReading(date: 1_795_000_000, uptime: uptime) }

    private func retention(time: Int64 = 3600, memory: Int = 1 << 20, count: Int = 100) -> Retention {
        Retention(policy: Self.policy(time: time, memory: memory, count: count))
    }

    private static func policy(time: Int64 = 3600, memory: Int = 1 << 20, count: Int = 100) -> RetentionPolicy {
        RetentionPolicy(time: time, memory: memory, count: count, page: 4096)
    }

    private func content(_ index: Int) throws -> AdmittedBlob {
        try AdmittedBlob(.of(modules[index]), by: AdmissionPolicy(), named: "module \(index)")
    }

    private func kept(
        _ index: Int,
        at now: Int64,
        for reason: KeptModule.Reason = .announced,
        lastUsed: Int64? = nil,
        by policy: RetentionPolicy = policy()
    ) throws -> KeptModule {
        KeptModule(
            content: try content(index),
            origin: "a peer",
            reason: reason,
            lastUsed: lastUsed,
            at: Self.moment(now),
            policy: policy
        )
    }
}

extension KeptModule.Reason {
    /// Why something is kept that no search makes go.
    fileprivate static let lasting: [Self] = [.served, .announced]
}
