// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport

/// What another parser than ours makes of YAML: PyYAML's, in Python.
enum PythonYAML {
    /// Values in the one document that a text holds, each as JSON in one line, which is YAML, too.
    ///
    /// - Parameters:
    ///   - expression: In Python: a list of what is wanted of the `document`.
    ///   - text: The YAML.
    /// - Returns: The values.
    /// - Throws: If it is no YAML, or has no such values.
    static func values(of expression: String, in text: String) async throws -> [String] {
        let program = """
            import json, sys, yaml
            document = yaml.safe_load(sys.stdin)
            for value in \(expression): print(json.dumps(value, sort_keys=True))
            """
        let output = try await CommandLineTool.require([python, "-c", program], input: text)
        return output.split(separator: "\n").map(String.init)
    }

    /// As Scripts/install-tools installs it.
    private static let python = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../.build-tools/test/bin/python").standardized.path
}
