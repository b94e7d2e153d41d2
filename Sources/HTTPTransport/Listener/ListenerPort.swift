// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// An open port of the server, and the connections that were accepted at it.
protocol ListenerPort: Sendable {
    /// The port's number.
    var number: Int { get }
    /// Its address and port, as people write them.
    var address: String { get }
    /// Has `action` called if the system closes it although nobody has ended it.
    func whenFailed(_ action: @escaping @Sendable (ListenerFailure) -> Void)
    /// Closes the port, and ends each connection as soon as that loses nothing; returns when there is none.
    func drain() async
    /// Ends every connection.
    func closeAll() async
}
