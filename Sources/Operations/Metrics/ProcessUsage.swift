// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Synchronization

/// What the process takes of the system, under the names of Prometheus' own libraries; Linux only.
///
/// Two files of `/proc` stay open, so that it can be read when no descriptor is free. What the system does not tell is
/// left out.
final class ProcessUsage: Sendable {
    /// Counting descriptors moves a position in a directory, so one reads at a time.
    private let files: Mutex<platform_usage_files>
    private let start = platform_start_microseconds()

    private static let microsecondsPerSecond = 1e6

    init() {
        var files = platform_usage_files()
        unsafe platform_usage_open(&files)
        self.files = Mutex(files)
    }

    deinit {
        files.withLock { files in unsafe platform_usage_close(&files) }
    }

    /// The families, read now.
    var families: [MetricFamily] {
        var usage = platform_usage()
        files.withLock { files in unsafe platform_usage_read(&files, &usage) }
        return [
            Self.family(.residentMemory, .gauge, usage.resident_bytes),
            Self.family(.virtualMemory, .gauge, usage.virtual_bytes),
            Self.family(.openDescriptors, .gauge, usage.open_descriptors),
            Self.family(.maximumDescriptors, .gauge, usage.descriptor_limit),
            Self.family(.processorTime, .counter, usage.processor_microseconds, per: Self.microsecondsPerSecond),
            Self.family(.startTime, .gauge, start, per: Self.microsecondsPerSecond),
        ].compactMap(\.self)
    }

    private static func family(
        _ name: MetricName,
        _ kind: MetricFamily.Kind,
        _ value: Int64,
        per unit: Double = 1
    ) -> MetricFamily? {
        value < 0 ? nil : name.family(kind, Double(value) / unit)
    }
}
