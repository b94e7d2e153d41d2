// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation

/// Finds the server's binary: the one that `WASM_SERVER_BINARY` names, else the one built beside these tests.
func serverBinary() throws -> URL {
    if let path = ProcessInfo.processInfo.environment["WASM_SERVER_BINARY"], !path.isEmpty {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Unexpected("WASM_SERVER_BINARY names \(path), which cannot be executed")
        }
        return URL(filePath: path)
    }
    for folder in foldersAroundTheTests() {
        let candidate = folder.appending(path: "wasm-server")
        var isFolder: ObjCBool = false
        let exists = unsafe FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder)
        if exists, !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: candidate.path) {
            return candidate
        }
    }
    throw Unexpected("there is no wasm-server beside the tests; run `swift build`, or set WASM_SERVER_BINARY")
}

/// The folders that hold the running tests, from the inside to the outside.
///
/// On Linux the tests are an executable in the folder of build products; on macOS they are a bundle in that folder,
/// loaded into a program from elsewhere.
private func foldersAroundTheTests() -> [URL] {
    let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
    let linux = [try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")]
    let programs = (linux + [CommandLine.arguments.first]).compactMap(\.self).map { URL(filePath: $0) }
    return (bundles + programs).flatMap { start in
        // A bundle's executable lies three folders deep in the bundle.
        sequence(first: start.standardizedFileURL.deletingLastPathComponent()) { $0.deletingLastPathComponent() }
            .prefix(4)
    }
}
