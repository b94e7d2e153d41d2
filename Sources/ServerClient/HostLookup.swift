// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore

/// What the system's resolver says about a host.
package enum HostLookup: Hashable, Sendable {
    /// Its addresses, 4 or 16 bytes each; none if there is no such name.
    case addresses([[UInt8]])
    /// It is not known what addresses it has; why.
    case failed(reason: String)

    /// The most addresses of one host; whoever sees one more knows that there are more.
    package static let maximumCount = 64

    /// Asks the system's resolver, which may take long: never on an event loop.
    package static func blocking(_ host: String) -> HostLookup {
        final class Collector { var addresses: [[UInt8]] = [] }
        let collector = Collector()
        let context = unsafe Unmanaged.passUnretained(collector).toOpaque()
        let failure = unsafe platform_addresses(host, context) { context, bytes, count in
            guard let context = unsafe context else { return }
            let collector = unsafe Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
            let address = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
            guard collector.addresses.count <= HostLookup.maximumCount, !collector.addresses.contains(address) else {
                return
            }
            collector.addresses.append(address)
        }
        if let failure = unsafe failure { return unsafe .failed(reason: String(cString: failure)) }
        return .addresses(collector.addresses)
    }
}
