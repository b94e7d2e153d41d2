// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServiceLifecycle
internal import Synchronization
internal import Ticks
internal import WasmService

/// Renews the times in `/modules` at which modules were last fetched, a second late, or later where there are so many
/// that rendering takes long.
///
/// A fetch itself only notes the time: it must not wait for a list to be rendered.
struct ListRenewal: Service {
    private static let period = Duration.seconds(1)
    /// How many times as long as a list took it is left as it is at least.
    private static let thrift = 24

    let service: WasmService

    func run() async {
        let next = Mutex(ContinuousClock.now)
        await cancelWhenGracefulShutdown {
            await Ticks.each(Self.period) {
                guard next.withLock({ $0 <= .now }) else { return }
                let taken = ContinuousClock().measure { service.renewList() }
                next.withLock { $0 = .now + taken * Self.thrift }
            }
        }
    }
}
