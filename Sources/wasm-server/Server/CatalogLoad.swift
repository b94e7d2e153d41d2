// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import ModuleCatalog

/// Reads the sources before anything is served.
struct CatalogLoad {
    /// How long a source may take until that is reported, and how often it is then.
    private static let period = Duration.seconds(10)

    let settings: Settings
    let logger: Logger

    /// Loads the modules on a thread that may wait for the disk, and meanwhile heeds signals and says what it waits
    /// for.
    ///
    /// It fails if there is nothing to serve, or no way to serve it, or to keep it.
    func run() async throws(CommandFailure) -> LiveCatalog {
        let settings = settings
        let catalog = settings.catalog()
        return try await withTaskGroup { group in
            group.addTask { await tellOfSlowSources(of: catalog) }
            defer { group.cancelAll() }
            return await BlockingWork.run { Result { () throws(CommandFailure) in try settings.load(catalog) } }
        }.get()
    }

    /// Reports sources that take long, until the task is cancelled: a hanging volume would look like no sign of life.
    private func tellOfSlowSources(of catalog: Catalog) async {
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
