// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Peers
import Synchronization

/// Remembers what happened between peers.
final class EventLog: PeerObserver {
    private let recorded = Mutex<[PeerEvent]>([])
    private let wasTold: @Sendable (EventLog) -> Void

    /// A log that calls after each event.
    init(_ wasTold: @escaping @Sendable (EventLog) -> Void = { _ in }) {
        self.wasTold = wasTold
    }

    var events: [PeerEvent] { recorded.withLock { $0 } }

    func peersDid(_ event: PeerEvent) {
        recorded.withLock { $0.append(event) }
        wasTold(self)
    }

    /// How many digests each peer that was heard can give.
    var listed: [Int] {
        events.compactMap { if case .listed(_, let count) = $0 { count } else { nil } }
    }

    var listFailures: [PeerError] {
        events.compactMap { if case .listFailed(_, let error) = $0 { error } else { nil } }
    }

    var fetched: [Digest] {
        events.compactMap { if case .fetched(_, let digest, _, _) = $0 { digest } else { nil } }
    }

    var fetchFailures: [PeerError] {
        events.compactMap { if case .fetchFailed(_, _, let error) = $0 { error } else { nil } }
    }

    /// The sizes of what was too large.
    var tooLarge: [Int] {
        events.compactMap { if case .tooLarge(_, _, let size) = $0 { size } else { nil } }
    }

    var adoptions: [AdoptionReport] {
        events.compactMap { if case .adopted(let report) = $0 { report } else { nil } }
    }
}
