// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What `check` prints for code scanning: the members of SARIF 2.1.0 that it uses (OASIS, errata 01; §3.13 and below).
struct SARIFLog: Encodable {
    /// Plain text, and Markdown beside it where that is known (§3.11, §3.12).
    struct Message: Encodable {
        let text: String
        var markdown: String?
    }

    /// §3.49.
    struct Rule: Encodable {
        let id: String
        let shortDescription: Message
        let fullDescription: Message
        let help: Message
    }

    /// §3.19.
    struct Driver: Encodable {
        let name = "Wasm Server"
        let semanticVersion: String
        let rules: [Rule]
    }

    /// §3.18.
    struct Tool: Encodable {
        let driver: Driver
    }

    /// §3.4.
    struct ArtifactLocation: Encodable {
        let uri: String
        var index: Int?
    }

    /// §3.24.
    struct Artifact: Encodable {
        let location: ArtifactLocation
        let length: Int
        let mimeType = "application/wasm"
        let hashes: [String: String]
        let roles = ["analysisTarget"]
    }

    /// §3.32.
    struct Address: Encodable {
        let absoluteAddress: Int
    }

    /// The beginning of the file, which says nothing of where in it something is.
    ///
    /// Code scanning shows no result without a line, and binaries have none. To have `byteOffset` beside it would not be valid, as both
    /// would have to tell the same place (§3.30.4); so an ``Address`` tells it.
    struct Region: Encodable {
        let startLine = 1
        let startColumn = 1
        let endLine = 1
        let endColumn = 1
    }

    /// §3.29.
    struct PhysicalLocation: Encodable {
        let artifactLocation: ArtifactLocation
        let region = Region()
        let address: Address?
    }

    /// §3.28.
    struct Location: Encodable {
        let physicalLocation: PhysicalLocation
    }

    /// §3.27.
    struct Result: Encodable {
        struct Properties: Encodable {
            let hosts: [String]
        }

        let ruleId: String
        let ruleIndex: Int?
        let level: String
        let message: Message
        let locations: [Location]
        let partialFingerprints: [String: String]
        let properties: Properties
    }

    /// §3.58.
    struct Notification: Encodable {
        let level = "error"
        let message: Message
        let locations: [Location]
    }

    /// §3.20.
    struct Invocation: Encodable {
        let executionSuccessful: Bool
        let toolExecutionNotifications: [Notification]
    }

    /// §3.14.
    struct Run: Encodable {
        let tool: Tool
        let invocations: [Invocation]
        let artifacts: [Artifact]
        let results: [Result]
    }

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version
        case runs
    }

    let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    let version = "2.1.0"
    let runs: [Run]
}
