// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
package import NIOSSL
internal import Synchronization

/// The certificates and the key that new connections get: the last that were good.
package final class TLSCredentials: Sendable {
    /// What is known of the last check of the files.
    private struct LastCheck {
        /// The last content that did not fit together.
        ///
        /// Trying it again each time would find nothing new, and swift-nio-ssl loses a little memory each time that it
        /// rejects a key.
        var rejected: (digests: [Digest], error: TLSError)?
        var news = TLSNews()
        /// What was told of authorities that vouch for nobody.
        var ignored: [TLSError]
        /// Who was last known to vouch for others.
        var authorities: [TLSEvent.Authorities]
    }

    /// How often files that are being replaced are read again at once, before what they hold counts.
    private static let rereadLimit = 3

    let files: TLSFiles
    private let purpose: LoadedCredentials.Purpose
    /// Tells the present, in seconds since 1970.
    package let now: @Sendable () -> Int64
    let loaded: Mutex<LoadedCredentials>
    /// Held for the length of a check, so that there is only one at a time.
    private let lastCheck: Mutex<LastCheck>

    /// Loads the files; it may wait for the disk.
    ///
    /// - Parameters:
    ///   - files: Where they are.
    ///   - forPeers: Whether there are peers to connect to: unless `files` names their authorities, those of the system
    ///     take memory.
    ///   - allowedClients: Who may fetch, of those whose certificate the clients' authorities have signed; it must
    ///     include peers.
    ///   - now: Tells the present, in seconds since 1970.
    /// - Throws: ``TLSError``, if they cannot be used.
    package init(
        _ files: TLSFiles,
        forPeers: Bool = false,
        allowing allowedClients: AllowedClients = AllowedClients([]),
        now: @escaping @Sendable () -> Int64 = { platform_seconds() }
    ) throws(TLSError) {
        self.files = files
        purpose = LoadedCredentials.Purpose(hasPeers: forPeers, allowedClients: allowedClients)
        self.now = now
        let material = try TLSMaterial(reading: files)
        let moment = now()
        let parsed = try ParsedCredentials(material, at: moment)
        let first = try LoadedCredentials(parsed, digests: material.digests, for: purpose, at: moment)
        lastCheck = Mutex(LastCheck(ignored: first.ignored, authorities: first.authorities.map(\.identity)))
        loaded = Mutex(first)
    }

    /// What a new connection is to use; a connection keeps what it got.
    package var context: NIOSSLContext { current.context }

    /// What a new connection to a peer is to use; nil if there are none.
    package var peerContext: NIOSSLContext? { current.peerContext }

    /// What was wrong at the last check; nil if nothing was.
    package var problem: String? {
        let problems = lastCheck.withLock { $0.news.problems.compactMap(\.problem) }
        return problems.isEmpty ? nil : problems.map(\.description).joined(separator: "; ")
    }

    /// What is loaded, with the authorities that are valid now: a connection does not wait for the next check.
    package var current: LoadedCredentials {
        loaded.withLock { loaded in
            // If it fails, the next check says so.
            try? loaded.revise(at: now())
            return loaded
        }
    }

    /// Reads the files, takes over what is new and good, and returns what was not told yet, or all; it may wait for the disk.
    func reload(tellingAll: Bool) -> [TLSEvent] {
        lastCheck.withLock { lastCheck in
            var problems: [TLSEvent] = []
            var isNew = false
            do throws(TLSError) {
                try loaded.withLock { loaded throws(TLSError) in try loaded.revise(at: now()) }
                isNew = try loadChanges(&lastCheck)
            } catch {
                problems.append(.failed(error))
            }
            let current = loaded.withLock(\.self)
            problems += current.lapsed(at: now())
            if tellingAll { (lastCheck.news, lastCheck.ignored) = (TLSNews(), []) }
            let before = lastCheck
            lastCheck.ignored = current.ignored
            lastCheck.authorities = current.authorities.map(\.identity)
            return lastCheck.news.since(problems: problems, of: current.certificate, tellsGood: isNew || tellingAll)
                + lastCheck.authorities.filter { !before.authorities.contains($0) && !$0.certificates.isEmpty }
                .map { .authoritiesChanged($0) }
                + lastCheck.ignored.filter { !before.ignored.contains($0) }.map { .ignored($0) }
        }
    }

    /// Loads what the files hold if that is not in use; answers whether it was loaded.
    ///
    /// A mounted Secret is replaced between two reads now and then. What is in order is taken at once; what is not is
    /// read again, until two reads agree.
    private func loadChanges(_ lastCheck: inout LastCheck) throws(TLSError) -> Bool {
        var material = try TLSMaterial(reading: files)
        var rereads = 0
        while true {
            do throws(TLSError) {
                return try load(material, &lastCheck)
            } catch {
                let again = try TLSMaterial(reading: files)
                rereads += 1
                guard again.digests != material.digests, rereads <= Self.rereadLimit else { throw error }
                material = again
            }
        }
    }

    private func load(_ material: TLSMaterial, _ lastCheck: inout LastCheck) throws(TLSError) -> Bool {
        let digests = material.digests
        guard digests != loaded.withLock({ $0.digests }) else {
            lastCheck.rejected = nil
            return false
        }
        // Dates are judged each time: what is not valid yet will be.
        let moment = now()
        let parsed = try ParsedCredentials(material, at: moment)
        if let rejected = lastCheck.rejected, rejected.digests == digests { throw rejected.error }
        do throws(TLSError) {
            let fresh = try LoadedCredentials(parsed, digests: digests, for: purpose, at: moment)
            loaded.withLock { fresh.replace(&$0) }
            lastCheck.rejected = nil
            return true
        } catch {
            lastCheck.rejected = (digests, error)
            throw error
        }
    }
}
