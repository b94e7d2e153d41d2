// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServiceLifecycle
internal import WasmService

/// Has `/modules` tell when modules were last fetched, a second late at most.
///
/// A fetch itself only notes the time: it must not wait for a list to be rendered.
struct ListRenewal: Service {
    private static let period = Duration.seconds(1)

    let service: WasmService

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.period)) != nil {
                await BlockingWork.run { service.renewList() }
            }
        }
    }
}
