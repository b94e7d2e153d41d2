// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore

/// Why a server gave no answer: what happened, for a person.
package enum FetchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the system gives, and may not give more of.
    package enum Resource: Hashable, Sendable {
        case memory
        case descriptors
    }

    /// The host has no address, or it could not be asked for.
    case unresolved(String)
    /// Nobody listens there.
    case refused
    /// Nobody could be connected to for another reason.
    case unreachable(String)
    /// This system itself has too little of something, which says nothing about the server.
    case lacking(Resource)
    /// It took too long; how far it got.
    case timedOut(afterConnecting: Bool)
    /// TLS failed.
    case tls(TLSFailure)
    /// It would not speak the version of HTTP that was asked for.
    case otherProtocol(String)
    /// What came was not of that version of HTTP.
    case malformed
    /// The answer ended before it was complete.
    case cut
    /// The connection, without TLS, ended before anything came, or was answered by TLS.
    case unanswered
    /// The content was longer than what is taken, in bytes.
    case tooLong(limit: Int)
    /// Nobody waits for the answer any more.
    case cancelled

    /// What happened, in words that follow the name of the server.
    package var description: String {
        switch self {
        case .unresolved(let reason): "its name cannot be resolved: \(reason)"
        case .refused: "cannot be connected to: connection refused"
        case .unreachable(let reason): "cannot be connected to: \(reason)"
        case .lacking(.memory): "cannot be connected to: there is no memory left here"
        case .lacking(.descriptors): "cannot be connected to: this process has too many open files"
        case .timedOut(false): "did not accept a connection in time"
        case .timedOut(true): "accepted a connection and gave no complete answer in time"
        case .tls(let failure): failure.words
        case .otherProtocol(let name): "does not speak \(name) on this port"
        case .malformed: "answered something that is not HTTP"
        case .cut, .unanswered: "ended the connection before its answer was complete"
        case .tooLong(let limit): "answered more than \(limit) bytes"
        case .cancelled: "was not waited for"
        }
    }

    /// Whether some server answered, though not with HTTP that is of use.
    package var isOfAServer: Bool {
        switch self {
        case .unresolved, .refused, .unreachable, .lacking, .timedOut, .cancelled: false
        case .tls, .otherProtocol, .malformed, .cut, .unanswered, .tooLong: true
        }
    }

    /// What a person can do about it.
    package var remedy: Remedy {
        switch self {
        case .unresolved: "check the name, and the DNS of where this runs"
        case .refused, .unreachable: "check that the server runs, the port, and network policies"
        case .lacking(.memory): "raise the memory limit (the container's, or ulimit -v)"
        case .lacking(.descriptors): "raise the limit of open files (ulimit -n)"
        case .timedOut(false): "check network policies and firewalls between here and there"
        case .timedOut(true): "check the server's log, and whether it lacks CPU"
        case .tls(let failure): failure.remedy
        case .cancelled: "ask again"
        case .otherProtocol, .malformed, .cut, .unanswered, .tooLong: "check that this is the port of the modules"
        }
    }
}

extension FetchError {
    /// Why no connection came about.
    init(connecting error: any Error) {
        self =
            switch error {
            case let error as FetchError: error
            case ChannelError.connectTimeout: .timedOut(afterConnecting: false)
            default: FetchError(system: error) ?? .unreachable("\(error)")
            }
    }

    /// What the number of an error of the system says; nil if that is nothing in particular.
    init?(system error: any Error) {
        switch (error as? IOError)?.errnoCode {
        case ECONNREFUSED: self = .refused
        case EHOSTUNREACH, ENETUNREACH: self = .unreachable("there is no route to it")
        case ECONNRESET: self = .cut
        case EMFILE, ENFILE: self = .lacking(.descriptors)
        case ENOMEM, ENOBUFS: self = .lacking(.memory)
        default: return nil
        }
    }
}
