// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform

/// What the system lacks when a socket cannot be opened, accepted or watched, and what helps.
struct SystemShortage: CustomStringConvertible {
    let reason: String
    let remedy: String

    /// The reason and the remedy.
    var description: String { "\(reason); \(remedy)" }

    /// What an error of socket(2), accept(2) or epoll_ctl(2) says is lacking; nil if it says something else.
    init?(_ error: CInt) {
        switch error {
        case EMFILE: (reason, remedy) = ("this process has too many open files", "raise the limit (ulimit -n)")
        case ENFILE: (reason, remedy) = ("the system has too many open files", "raise the limit (sysctl fs.file-max)")
        case ENOSPC:
            reason = "the processes of this user wait for too many files and sockets"
            remedy = "raise the limit (sysctl fs.epoll.max_user_watches)"
        case ENOBUFS, ENOMEM:
            (reason, remedy) = ("the system has no memory left for a connection", "raise the memory limit")
        default: return nil
        }
    }
}
