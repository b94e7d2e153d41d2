// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Configuration
internal import SystemPackage
internal import Yams

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The YAML file that `--config` or `WASM_SERVER_CONFIG` names.
enum ConfigurationFile {
    /// What a file sets.
    typealias Provider = FileProvider<YAMLSnapshot>

    /// Reads a file and makes sure that it says nothing that would be overlooked.
    ///
    /// - Returns: What the file sets; nil if it is empty.
    /// - Throws: ``CommandFailure`` that names the file, the key and what is allowed.
    static func provider(at path: String) async throws(CommandFailure) -> Provider? {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            let reason =
                FileManager.default.fileExists(atPath: path) ? "cannot be read as UTF-8 text" : "does not exist"
            throw CommandFailure(.noInput, "\(path): the configuration file \(reason); check the path and the file")
        }
        guard let root = try root(of: text, path) else { return nil }
        try requireKnownKeys(root, path)
        do {
            return try await FileProvider(snapshotType: YAMLSnapshot.self, filePath: FilePath(path))
        } catch {
            throw CommandFailure(.configuration, "\(path): \(firstLine(of: error))")
        }
    }

    private static func root(of text: String, _ path: String) throws(CommandFailure) -> Node? {
        do {
            let root = try Yams.compose(yaml: text)
            return root?.null == nil ? root : nil
        } catch {
            throw CommandFailure(.configuration, "\(path): not YAML: \(firstLine(of: error))")
        }
    }

    private static func requireKnownKeys(_ root: Node, _ path: String) throws(CommandFailure) {
        guard let mapping = root.mapping else {
            throw CommandFailure(
                .configuration,
                "\(path): must be a mapping of settings to values, such as `port: 8082`"
            )
        }
        for (key, value) in mapping {
            let line = key.mark.map { ", line \($0.line)" } ?? ""
            let name = key.string ?? "a key that is not text"
            guard let setting = Setting(rawValue: name) else {
                let known = Setting.allCases.map(\.key).joined(separator: ", ")
                throw CommandFailure(.configuration, "\(path)\(line): unknown key '\(name)'; the keys are \(known)")
            }
            let isList = value.sequence?.allSatisfy { $0.scalar != nil } ?? false
            guard setting.isList ? isList : value.scalar != nil else {
                throw CommandFailure(.configuration, "\(path)\(line): '\(name)' must be \(setting.allowed)")
            }
        }
    }

    private static func firstLine(of error: any Error) -> String {
        let lines = "\(error)".split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
        return lines.prefix(2).joined(separator: " ")
    }
}
