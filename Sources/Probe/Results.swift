// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import Synchronization

/// What the checks came to, told as it comes.
final class Results: Sendable {
    private let report: Probe.Reporter
    private let failures = Mutex(0)

    init(_ report: @escaping Probe.Reporter) {
        self.report = report
    }

    /// Whether nothing failed.
    var areGood: Bool { failures.withLock { $0 == 0 } }

    func add(_ result: ProbeResult) {
        if result.verdict == .failed { failures.withLock { $0 += 1 } }
        report(result)
    }
}

extension SocketAddress {
    /// The address and the port, as in a URL.
    var place: String {
        guard let host = ipAddress, let port else { return description }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
