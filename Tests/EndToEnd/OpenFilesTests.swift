// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

#if os(Linux)
@Suite("A limit of open files that is too low")
struct OpenFilesTests {
    @Test(
        "is named, with the remedy, and does not end the process otherwise",
        arguments: [8, 16, 100],
        [["serve", "--demo", "--port", "0", "--operations-port", "0"]]
    )
    func serve(_ limit: Int, _ words: [String]) async throws {
        try await expectFailure(of: words, limit)
    }

    @Test("is named by the commands that ask a server", arguments: [["probe", "http://127.0.0.1:1"], ["probe"]])
    func ask(_ words: [String]) async throws {
        try await expectFailure(of: words, 8)
    }

    private func expectFailure(of words: [String], _ limit: Int) async throws {
        let limited = ["prlimit", "--nofile=\(limit):\(limit)", try serverBinary().path(percentEncoded: false)] + words
        let result = try await CommandLineTool.run(limited)
        #expect(result.status == SysExit.systemError, "\(result.output)")
        #expect(result.output.contains("the limit of open files is \(limit)"), "\(result.output)")
        #expect(result.output.contains("ulimit -n"), "\(result.output)")
    }
}
#endif
