// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Operations

@Suite("A standing thread")
struct DedicatedThreadTests {
    @Test("does everything it is told, in order, on one thread that is not the caller's")
    func order() {
        let thread = DedicatedThread(label: "test")
        let done = Mutex<[Int]>([])
        let threads = Mutex<Set<ObjectIdentifier>>([ObjectIdentifier(Thread.current)])
        let ended = DispatchSemaphore(value: 0)
        for number in 0..<1000 {
            thread.perform {
                done.withLock { $0.append(number) }
                threads.withLock { _ = $0.insert(ObjectIdentifier(Thread.current)) }
            }
        }
        thread.perform { ended.signal() }
        ended.wait()
        #expect(done.withLock { $0 } == Array(0..<1000))
        #expect(threads.withLock { $0.count } == 2)
    }

    @Test("does what it was told before its owner let go of it")
    func end() {
        let ended = DispatchSemaphore(value: 0)
        DedicatedThread(label: "test").perform { ended.signal() }
        ended.wait()
    }
}
