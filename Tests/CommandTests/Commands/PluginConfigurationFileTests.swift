// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import GatewayConfiguration
import TestSupport
import Testing

@testable import wasm_server

@Suite("A file with a plugin's configuration")
struct PluginConfigurationFileTests {
    @Test("may be a pipe, as a shell makes one of a command's output")
    func pipe() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("a: 1\n".utf8))
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        #expect(try PluginConfiguration(readingFrom: path) == .object([.init("a", .number("1"))]))
    }

    @Test("may have a megabyte, and not more, of what has no end either")
    func size() async throws {
        try await TemporaryFolder.with { folder in
            let text = "\"" + String(repeating: "a", count: PluginConfiguration.maximumSize - 2) + "\""
            let path = try folder.write(Array(text.utf8), to: "a.json")
            #expect(try PluginConfiguration(readingFrom: path) == .string(String(text.dropFirst().dropLast())))
            for (path, reason) in [
                ("/dev/zero", "more than 1MiB"), (folder.path, "cannot be read"), ("/nowhere", "exist"),
            ] {
                let failure = try #require(throws: CommandFailure.self) { try PluginConfiguration(readingFrom: path) }
                #expect(failure.message.hasPrefix("\(path): "))
                #expect(failure.message.contains(reason), "\(failure.message)")
            }
        }
    }
}
