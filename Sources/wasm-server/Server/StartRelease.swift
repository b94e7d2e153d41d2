// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import ServiceLifecycle

/// Has memory that only starting needed not count to the server any more, when what it does each second has been done a few times.
struct StartRelease: Service {
    private static let pause = Duration.seconds(3)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
            platform_release_start()
        }
        try await gracefulShutdown()
    }
}
