// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import Testing

@testable import ServerClient

@Suite("The addresses of a name")
struct AddressFailoverTests {
    private static let addresses = (1...3).compactMap { try? SocketAddress(ipAddress: "192.0.2.\($0)", port: 1) }

    @Test(
        "are tried until one accepts a connection",
        arguments: [FetchError.unreachable("connection refused"), .timedOut(afterConnecting: false)]
    )
    func next(_ failure: FetchError) async throws {
        var asked: [SocketAddress] = []
        let answer = try await AddressFailover(Self.addresses, within: .seconds(1)).first {
            address,
            _ throws(FetchError) in
            asked.append(address)
            if asked.count < 3 { throw failure }
            return "an answer"
        }
        #expect(answer == "an answer")
        #expect(asked == Self.addresses)
    }

    @Test(
        "are not tried once one has accepted a connection",
        arguments: [FetchError.timedOut(afterConnecting: true), .cut]
    )
    func last(_ failure: FetchError) async {
        var count = 0
        await #expect(throws: failure) {
            try await AddressFailover(Self.addresses, within: .seconds(1)).first { _, _ throws(FetchError) in
                count += 1
                throw failure
            }
        }
        #expect(count == 1)
    }

    @Test("share the time that there is for all of them")
    func time() async {
        var now = ContinuousClock.now
        var times: [AddressFailover.Time] = []
        let turns = AddressFailover(Self.addresses, within: .seconds(9), now: { now })
        await #expect(throws: FetchError.timedOut(afterConnecting: false)) {
            try await turns.first { _, time throws(FetchError) in
                times.append(time)
                now = now.advanced(by: time.connecting)
                throw FetchError.timedOut(afterConnecting: false)
            }
        }
        #expect(times.map(\.connecting) == [.seconds(3), .seconds(3), .seconds(3)])
        #expect(times.map(\.whole) == [.seconds(9), .seconds(6), .seconds(3)])
    }

    @Test("are not tried when that time is over")
    func late() async {
        var now = ContinuousClock.now
        var count = 0
        let turns = AddressFailover(Self.addresses, within: .seconds(9), now: { now })
        await #expect(throws: FetchError.unreachable("refused late")) {
            try await turns.first { _, _ throws(FetchError) in
                count += 1
                now = now.advanced(by: .seconds(10))
                throw FetchError.unreachable("refused late")
            }
        }
        #expect(count == 1)
    }
}
