// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Content
internal import Logging
internal import ProxyWasm
internal import ServerClient
internal import Tracing

extension SettingFormat<Int> {
    private static let largestSize = 2 << 30
    private static let mostConnections = 1_000_000
    private static let mostClients = 100_000

    /// A port, or 0.
    static var port: Self { number("port", 0...Int(UInt16.max), "a number from 0 to 65535 (0 picks a free port)") }

    /// A number of connections.
    static var connections: Self { number("number", 1...mostConnections, "a number from 1 to 1000000") }

    /// A number of clients, or 0.
    static var clients: Self { number("number", 0...mostClients, "a number from 0 to 100000") }

    /// A number of bytes.
    static var size: Self {
        var format = Self("size", "a size from 1 byte to 2GiB, such as 1048576, 64MiB or 32MB") { text in
            ByteCount(text).flatMap { (1...largestSize).contains($0.bytes) ? $0.bytes : nil }
        }
        format.text = ByteCount.text
        format.logged = { .stringConvertible($0) }
        return format
    }

    private static func number(_ name: String, _ range: ClosedRange<Int>, _ allowed: String) -> Self {
        var format = Self(name, allowed) { text in
            guard text.utf8.allSatisfy(\.isDigit), let number = Int(text), range.contains(number) else { return nil }
            return number
        }
        format.logged = { .stringConvertible($0) }
        return format
    }
}

extension SettingFormat<Duration> {
    private static let longestPause = Duration.seconds(3600)
    private static let year = Duration.seconds(8760 * 3600)

    /// A time to wait.
    static var pause: Self {
        time(.zero...longestPause, "a time of up to 1h, in seconds or with a unit: 5, 500ms, 2m")
    }

    /// A time between two looks.
    static var interval: Self { time(.seconds(1)...year, "a time from 1s to 8760h, such as 10m") }

    /// A time to keep something; a bare 24 is more likely meant in hours, so it needs a unit.
    static var retention: Self {
        time(
            .zero...year,
            "a time with its unit, of up to 8760h, such as 24h or 7d; 0 keeps nothing",
            unless: { $0 != "0" && $0.allSatisfy(\.isNumber) }
        )
    }

    private static func time(
        _ range: ClosedRange<Duration>,
        _ allowed: String,
        unless isAmbiguous: @escaping @Sendable (String) -> Bool = { _ in false }
    ) -> Self {
        var format = Self("time", allowed) { text in
            guard !isAmbiguous(text), let span = TimeSpan(text), range.contains(span.duration) else { return nil }
            return span.duration
        }
        format.text = TimeSpan.text
        format.logged = { .stringConvertible($0) }
        return format
    }
}

extension SettingFormat<HostProfile> {
    /// A host, by the name of its profile.
    static var host: Self {
        let names = HostProfile.all.map(\.name)
        let allowed = "one of \(names.joined(separator: ", "))"
        var format = Self("host", allowed, choices: names, parse: HostProfile.init(named:))
        format.completion = .list(names)
        return format
    }
}

extension SettingFormat<CollectorEndpoint> {
    /// The URL of a collector.
    static var endpoint: Self {
        let allowed = "a URL of http or https, such as http://otel-collector:4318"
        return Self(valueName: "url", allowed: allowed, rule: "Must be \(allowed).") { given throws(CommandFailure) in
            do throws(ServerNameError) {
                return try CollectorEndpoint(given.values.joined(separator: " "))
            } catch {
                throw CommandFailure(given.place.status, "\(given.place.name): \(error)")
            }
        }
    }
}

extension SettingFormat<String> {
    /// The path of a file.
    static var file: Self {
        var format = Self("file", "the path of a PEM file") { $0 }
        format.completion = .file()
        return format
    }
}

extension SettingFormat<String?> {
    /// An address of this machine; nil for all of them.
    static var host: Self {
        var format = Self(
            "address",
            "an address or a name of this machine, without a port, or * for every address"
        ) { text in ListeningHost(text).map(\.address) }
        format.text = { $0 ?? "*" }
        format.logged = { $0.map { "\($0)" } }
        return format
    }
}
