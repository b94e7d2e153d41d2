// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Dispatch
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Credentials
@testable import HTTPTransport

@Suite("TLS credentials that change")
struct TLSReloadTests {
    /// Credentials that are reloaded, and what is told of them.
    private struct Scene {
        let folder: TemporaryFolder
        let make: TestCertificates
        let authority: TestCertificates.Pair
        let credentials: TLSCredentials
        let reload: TLSReload
        let clock: Clock
        private let events: AsyncStream<TLSEvent>

        /// What a listener speaks with them.
        var security: TransportSecurity {
            TransportSecurity(credentials: credentials, allowedClients: AllowedClients([]))
        }

        /// What is told next.
        func nextEvent() async -> TLSEvent? {
            await events.first { _ in true }
        }

        /// Loads `tls.crt` and `tls.key` as `prepare` puts them there, and looks at them while `body` runs.
        static func with(
            _ prepare:
                nonisolated(nonsending) (TestCertificates, TestCertificates.Pair, TemporaryFolder) async throws
                -> Void,
            _ body: nonisolated(nonsending) (Scene) async throws -> Void
        ) async throws {
            try await TemporaryFolder.with { folder in
                let make = TestCertificates(in: folder)
                let authority = try await make.authority("authority")
                try await prepare(make, authority, folder)
                let clock = Clock()
                let credentials = try TLSCredentials(
                    TLSFiles(certificateChain: folder.path("tls.crt"), privateKey: folder.path("tls.key")),
                    now: { clock.now }
                )
                let (events, continuation) = AsyncStream.makeStream(of: TLSEvent.self)
                let reload = TLSReload(credentials) { continuation.yield($0) }
                async let _: Void = reload.run()
                try await body(
                    Scene(
                        folder: folder,
                        make: make,
                        authority: authority,
                        credentials: credentials,
                        reload: reload,
                        clock: clock,
                        events: events
                    )
                )
            }
        }

        /// The certificate that a client gets, in PEM.
        func presented(by server: LiveServer) async throws -> String? {
            let output = try await CommandLineTool.run(
                ["openssl", "s_client", "-connect", "127.0.0.1:\(server.securePort)"]
            ).output
            let begin = output.firstRange(of: "-----BEGIN CERTIFICATE-----")
            let end = output.firstRange(of: "-----END CERTIFICATE-----")
            guard let begin, let end else { return nil }
            return "\(output[begin.lowerBound..<end.upperBound])\n"
        }
    }

    /// A clock that a test sets, in seconds since 1970.
    private final class Clock: Sendable {
        private let seconds = Mutex<Int64>(1_800_000_000)

        var now: Int64 { seconds.withLock { $0 } }

        func set(_ now: Int64) { seconds.withLock { $0 = now } }
    }

    /// Puts a pair where the server looks, one file after the other.
    private static func put(_ pair: TestCertificates.Pair, in folder: TemporaryFolder) async throws {
        try await putCertificate(of: pair, in: folder)
        try await putKey(of: pair, in: folder)
    }

    private static func putCertificate(of pair: TestCertificates.Pair, in folder: TemporaryFolder) async throws {
        try await put(pair.certificate, as: "tls.crt", in: folder)
    }

    private static func putKey(of pair: TestCertificates.Pair, in folder: TemporaryFolder) async throws {
        try await put(pair.key, as: "tls.key", in: folder)
    }

    /// Replaces a file at a stroke.
    private static func put(_ file: String, as name: String, in folder: TemporaryFolder) async throws {
        let copy = folder.path("\(name).new")
        _ = try await CommandLineTool.require(["cp", file, copy])
        _ = try await CommandLineTool.require(["mv", copy, folder.path(name)])
    }

    private static func putNew(
        _ make: TestCertificates,
        _ authority: TestCertificates.Pair,
        _ folder: TemporaryFolder
    ) async throws {
        try await put(try await make.issue("first", by: authority, names: ["DNS:first"]), in: folder)
    }

    @Test("are taken over within the next look, and new connections get them")
    func replaced() async throws {
        try await Scene.with(Self.putNew) { scene in
            try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), security: scene.security) { server in
                let second = try await scene.make.issue("second", by: scene.authority, names: ["DNS:second"])
                let first = try await CommandLineTool.require(["cat", scene.folder.path("tls.crt")])
                #expect(try await scene.presented(by: server) == first)
                try await Self.put(second, in: scene.folder)
                scene.reload.reloadNow()
                var event = await scene.nextEvent()
                while case .failed = event { event = await scene.nextEvent() }
                #expect(event == .loaded(scene.credentials.certificate))
                #expect(scene.credentials.certificate.names == "second")
                let presented = try await scene.presented(by: server)
                #expect(presented == (try await CommandLineTool.require(["cat", second.certificate])))
            }
        }
    }

    @Test("are taken over when a mounted Secret's link is swapped")
    func swapped() async throws {
        // As Kubernetes mounts a Secret: tls.crt -> ..data/tls.crt, ..data -> a folder that is replaced as a whole.
        try await Scene.with { make, authority, folder in
            let first = try await make.issue("first", by: authority, names: ["DNS:first"])
            try await Self.mount(first, as: "..1", in: folder)
            try folder.link("..data", to: "..1")
            try folder.link("tls.crt", to: "..data/tls.crt")
            try folder.link("tls.key", to: "..data/tls.key")
        } _: { scene in
            let second = try await scene.make.issue("second", by: scene.authority, names: ["DNS:second"])
            try await Self.mount(second, as: "..2", in: scene.folder)
            try scene.folder.link("..data_tmp", to: "..2")
            // rename(2), as the kubelet does.
            let (from, to) = (scene.folder.path("..data_tmp"), scene.folder.path("..data"))
            _ = try await CommandLineTool.require(["mv", "-T", from, to])
            // Nobody asks: it is noticed by the look that comes by itself.
            #expect(await scene.nextEvent() == .loaded(scene.credentials.certificate))
            #expect(scene.credentials.certificate.names == "second")
        }
    }

    private static func mount(_ pair: TestCertificates.Pair, as name: String, in folder: TemporaryFolder) async throws {
        _ = try await CommandLineTool.require(["mkdir", folder.path(name)])
        _ = try await CommandLineTool.require(["cp", pair.certificate, folder.path("\(name)/tls.crt")])
        _ = try await CommandLineTool.require(["cp", pair.key, folder.path("\(name)/tls.key")])
    }

    @Test("stay as they were while only half of a pair is new, which is told once")
    func half() async throws {
        try await Scene.with(Self.putNew) { scene in
            let first = scene.credentials.certificate
            let second = try await scene.make.issue("second", by: scene.authority, names: ["DNS:second"])
            try await Self.putCertificate(of: second, in: scene.folder)
            let error = await scene.nextEvent()?.error
            #expect(error?.file == scene.folder.path("tls.key"))
            #expect(scene.credentials.certificate == first)
            // The next to be told is not the same once more, though several looks may come before.
            try await Self.putKey(of: second, in: scene.folder)
            #expect(await scene.nextEvent() == .loaded(scene.credentials.certificate))
            #expect(scene.credentials.certificate.names == "second")
        }
    }

    @Test("stay in use when the files go, and are told to be good when the same come back")
    func goneAndBack() async throws {
        try await Scene.with(Self.putNew) { scene in
            let first = scene.credentials.certificate
            let (key, aside) = (scene.folder.path("tls.key"), scene.folder.path("aside"))
            _ = try await CommandLineTool.require(["mv", key, aside])
            let missing = "\(key): does not exist; check the path and the mount"
            #expect(await scene.nextEvent()?.error?.description == missing)
            #expect(scene.credentials.certificate == first)
            // Who asks is told again.
            scene.reload.reloadNow()
            #expect(await scene.nextEvent()?.error?.description == missing)
            _ = try await CommandLineTool.require(["mv", aside, key])
            #expect(await scene.nextEvent() == .loaded(first))
            scene.reload.reloadNow()
            #expect(await scene.nextEvent() == .loaded(first))
        }
    }

    @Test("stay in use when they expire, which is told; what is not valid yet is taken over when it is")
    func dates() async throws {
        try await Scene.with(Self.putNew) { scene in
            let first = scene.credentials.certificate
            scene.clock.set(first.expiry + 1)
            let expired = await scene.nextEvent()?.error
            #expect(expired?.reason == "the certificate in use expired at Thu, 31 Dec 2099 23:59:59 GMT")
            scene.clock.set(first.expiry)
            #expect(await scene.nextEvent() == .loaded(first))

            scene.clock.set(1_800_000_000)
            let future = try await scene.make.issue(
                "future",
                by: scene.authority,
                names: ["DNS:future"],
                valid: .future
            )
            try await Self.put(future, in: scene.folder)
            let early = await scene.nextEvent()?.error
            #expect(early?.reason == "the certificate is not valid before 2098-01-01T00:00:00Z")
            scene.clock.set(first.expiry)
            #expect(await scene.nextEvent() == .loaded(scene.credentials.certificate))
            #expect(scene.credentials.certificate.names == "future")
        }
    }

    @Test("on a volume that does not answer are waited for once, which is told, and by no shutdown")
    func hanging() async throws {
        let count = Mutex(0)
        let (readings, reading) = AsyncStream.makeStream(of: Bool.self)
        let volume = DispatchSemaphore(value: 0)
        let (times, continuation) = AsyncStream.makeStream(of: Duration.self)
        let reload = TLSReload(
            reload: { tellingAll in
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                reading.yield(tellingAll)
                if isFirst { volume.wait() }
                return []
            },
            observer: { _ in },
            watcher: { if let time = $0 { continuation.yield(time) } }
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: reload, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        async let running: Void = group.run()
        var told = times.makeAsyncIterator()
        let first = try #require(await told.next())
        for _ in 0..<3 { reload.reloadNow() }
        let second = try #require(await told.next())
        #expect(second > first)
        await group.triggerGracefulShutdown()
        try await running
        #expect(count.withLock { $0 } == 1)
        // Whoever asked meanwhile is told afterwards, once.
        volume.signal()
        #expect(await readings.prefix(2).reduce(into: []) { $0.append($1) } == [false, true])
        #expect(count.withLock { $0 } == 2)
    }

    @Test("are looked at until a graceful shutdown begins")
    func shutdown() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            try await Self.putNew(make, try await make.authority("authority"), folder)
            let files = TLSFiles(certificateChain: folder.path("tls.crt"), privateKey: folder.path("tls.key"))
            let (events, continuation) = AsyncStream.makeStream(of: TLSEvent.self)
            let reload = TLSReload(try TLSCredentials(files)) { continuation.yield($0) }
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [.init(service: reload, successTerminationBehavior: .gracefullyShutdownGroup)],
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
            )
            async let running: Void = group.run()
            reload.reloadNow()
            _ = await events.first { _ in true }
            await group.triggerGracefulShutdown()
            try await running
        }
    }
}

extension TLSEvent {
    /// What went wrong; nil if nothing did.
    fileprivate var error: TLSError? {
        switch self {
        case .failed(let error), .expired(let error): error
        default: nil
        }
    }
}
