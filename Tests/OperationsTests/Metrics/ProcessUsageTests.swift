// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Operations
import TestSupport
import Testing

#if os(Linux)
@Suite("The process's own metrics")
struct ProcessUsageTests {
    @Test("are what the system says")
    func usage() throws {
        let scrape = try ServerUnderTest().scrape
        let resident = try #require(scrape["process_resident_memory_bytes"])
        let virtual = try #require(scrape["process_virtual_memory_bytes"])
        #expect(0 < resident && resident < virtual)
        #expect(try #require(scrape["process_cpu_seconds_total"]) > 0)
        // proc_pid_limits(5): name, soft limit, hard limit, unit.
        let limits = try String(contentsOfFile: "/proc/self/limits", encoding: .utf8).split(separator: "\n")
        let files = try #require(limits.first { $0.hasPrefix("Max open files") }).split(separator: " ")
        #expect(scrape["process_max_fds"] == Double(files[3]))
    }

    @Test("count the descriptors that the system lists")
    func descriptors() throws {
        let server = try ServerUnderTest()
        // Other tests open and close some meanwhile, but not all the time; and whoever lists them has one open for it.
        var found: [(counted: Double, listed: Int)] = []
        while !found.contains(where: { abs($0.counted - Double($0.listed)) <= 2 }), found.count < 1000 {
            let counted = try #require(server.scrape["process_open_fds"])
            let listed = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            found.append((counted, listed))
        }
        #expect(found.count < 1000, "the last were \(found.suffix(3))")
    }

    @Test("tell when it started")
    func start() async throws {
        let start = try #require(try ServerUnderTest().scrape["process_start_time_seconds"])
        // `ps` has its own way from the kernel's numbers to a date; both round to a second.
        let ps = try await CommandLineTool.run(
            ["ps", "-o", "lstart=", "-p", "\(ProcessInfo.processInfo.processIdentifier)"],
            environment: ["TZ": "UTC", "LC_ALL": "C"]
        )
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "EEE MMM d HH:mm:ss yyyy"
        let words = ps.output.split { $0.isWhitespace }.joined(separator: " ")
        let expected = try #require(format.date(from: words))
        #expect(abs(start - expected.timeIntervalSince1970) <= 2)
    }
}
#endif
