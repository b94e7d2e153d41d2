// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation

@testable internal import wasm_server

extension FuzzTarget {
    /// A configuration file's text, up to the settings that it makes.
    static let configurationFile = FuzzTarget("configuration-file") { (bytes: [UInt8]) in
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            fatalError("\(path) cannot be written")
        }
        check()
    }

    private static let path = "\(FileManager.default.temporaryDirectory.path)/fuzz-\(getpid()).yaml"

    private static func check() {
        do throws(CommandFailure) {
            let file = try ConfigurationFile.entries(at: path)
            let settings = try SettingsReader(flags: [:], environment: [:], file: file)
                .settings(demo: false, isTerminal: false)
            settings.requireUsable()
        } catch {
            require([.configuration, .noInput].contains(error.status), "\(error.status) for \(error.message)")
            require(error.message.contains(path) || error.message.contains("--port"), "\(error.message) names the file")
        }
    }
}
