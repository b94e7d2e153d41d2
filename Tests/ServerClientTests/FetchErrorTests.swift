// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import CPlatform
import NIOCore
import Testing

@testable import ServerClient

@Suite("Why no connection comes about")
struct FetchErrorTests {
    @Test(
        "is told by the number of the system's error",
        arguments: [
            (EMFILE, FetchError.lacking(.descriptors)), (ENFILE, .lacking(.descriptors)), (ENOMEM, .lacking(.memory)),
            (ENOBUFS, .lacking(.memory)), (EHOSTUNREACH, .unreachable("there is no route to it")),
            (ECONNREFUSED, .refused), (ECONNRESET, .cut),
        ]
    )
    func number(_ number: CInt, _ expected: FetchError) {
        #expect(FetchError(connecting: IOError(errnoCode: number, reason: "socket")) == expected)
    }

    @Test("is the time that was left for it, if that has passed")
    func late() {
        #expect(FetchError(connecting: ChannelError.connectTimeout(.seconds(1))) == .timedOut(afterConnecting: false))
    }
}
