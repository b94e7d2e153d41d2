// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation
internal import Testing

@Suite("The inputs of the fuzz targets that are known")
struct KnownInputTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// The names of what lies in a folder beside the sources; none if it is not there.
    private static func names(in path: String) throws -> [String] {
        let url = folder.appending(path: path)
        guard FileManager.default.fileExists(atPath: url.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }

    @Test("are of targets that are run, each of which has some", arguments: ["Corpus", "Regressions"])
    func folders(_ folder: String) throws {
        let targets = Set(FuzzTarget.all.map(\.name))
        let folders = try Set(Self.names(in: folder))
        #expect(folders.subtracting(targets).isEmpty)
        #expect(folder == "Regressions" || targets.subtracting(folders).isEmpty)
    }

    /// What does not hold ends the process, as it does under the fuzzer, with a message that names it.
    @Test("are taken, and what must hold of each does", arguments: FuzzTarget.all.map(\.name))
    func known(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        var count = 0
        for folder in ["Regressions/\(name)", "Corpus/\(name)"] {
            for file in try Self.names(in: folder) {
                target.check([UInt8](try Data(contentsOf: Self.folder.appending(path: "\(folder)/\(file)"))))
                count += 1
            }
        }
        #expect(count > 0)
    }
}
