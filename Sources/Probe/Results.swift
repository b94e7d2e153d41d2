// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import Synchronization

/// What the checks came to, told as it comes.
final class Results: Sendable {
    private let report: Probe.Reporter
    private let seen = Mutex<Set<ProbeResult.Verdict>>([])

    init(_ report: @escaping Probe.Reporter) {
        self.report = report
    }

    /// The verdicts that checks came to.
    var verdicts: Set<ProbeResult.Verdict> { seen.withLock { $0 } }

    func add(_ result: ProbeResult) {
        _ = seen.withLock { $0.insert(result.verdict) }
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
