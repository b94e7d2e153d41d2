// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import wasm_server

@Suite("Connections")
struct OpenFilesTests {
    @Test(
        "share the descriptors that the system grants",
        arguments: [(1_000_000, 1, 4096), (256, 1, 127), (256, 2, 63), (129, 1, nil)] as [(Int, Int, Int?)]
    )
    func budget(_ descriptors: Int, _ ports: Int, _ connections: Int?) {
        let budget = ConnectionBudget(wanted: 4096, ports: ports, modules: 1, descriptors: descriptors)
        #expect(budget?.data == connections)
    }
}
