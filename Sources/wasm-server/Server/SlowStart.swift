// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import ModuleCatalog

/// Says what the server waits for before it serves anything: a volume that does not answer looks like no sign of life otherwise.
struct SlowStart {
    /// How long a source may take until it is told, and how often it is told then.
    private static let period = Duration.seconds(10)

    let catalog: Catalog
    let logger: Logger

    /// Tells of sources that take long, until the task is cancelled.
    func tell() async {
        while (try? await Task.sleep(for: Self.period)) != nil {
            for check in catalog.checks {
                guard let running = check.running else { continue }
                logger.warning(
                    "a check of a source takes long; nothing is served before it has ended",
                    metadata: ["source": "\(check.source)", "seconds": .stringConvertible(running.components.seconds)]
                )
            }
        }
    }
}
