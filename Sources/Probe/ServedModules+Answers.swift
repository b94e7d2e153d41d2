// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ServerClient

extension ServedModules {
    /// How the bytes of a digest are served.
    enum Availability: Equatable {
        /// By name, too, by so many of the servers; the first path.
        case current(path: String, count: Int)
        /// By their digest only, as others have taken their place at a path, if one is known.
        case outdated(path: String?)
        /// Nobody has them.
        case nowhere
        /// It is not known; what went wrong.
        case unknown(String, Remedy)
    }

    /// What is served at a path.
    enum Occupancy: Equatable {
        /// These bytes by every server.
        case same(Digest)
        /// Other bytes by each, or by some of them none.
        case different
        /// Nothing, by no server.
        case nothing
        /// It is not known; what went wrong.
        case unknown(String, Remedy)
    }
}
