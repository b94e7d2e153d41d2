// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Does something, and cancels it when its time is up.
///
/// It returns when the work does, so the work has to heed its cancellation.
///
/// - Parameters:
///   - limit: How long it may take.
///   - work: What to do.
/// - Returns: Whether the work was done in time.
@discardableResult
func withTimeLimit(_ limit: Duration, _ work: @escaping @Sendable () async -> Void) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
        group.addTask {
            await work()
            return true
        }
        group.addTask {
            // Cancelled when the work is done first.
            (try? await Task.sleep(for: limit)) == nil
        }
        let first = await group.next() ?? true
        group.cancelAll()
        return first
    }
}
