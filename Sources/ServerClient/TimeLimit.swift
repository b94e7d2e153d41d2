// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Does something, and cancels it when its time is up.
///
/// It returns when the work does, so the work has to heed its cancellation.
///
/// - Parameters:
///   - limit: How long it may take.
///   - more: Tells, when that time is up, how much more there is; once.
///   - work: What to do.
/// - Returns: Whether the work was done in time.
@discardableResult
package func withTimeLimit(
    _ limit: Duration,
    extendedBy more: @escaping @Sendable () -> Duration = { .zero },
    _ work: @escaping @Sendable () async -> Void
) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
        group.addTask {
            await work()
            return true
        }
        group.addTask {
            // Cancelled when the work is done first.
            guard (try? await Task.sleep(for: limit)) != nil else { return true }
            return (try? await Task.sleep(for: more())) == nil
        }
        let first = await group.next() ?? true
        group.cancelAll()
        return first
    }
}
