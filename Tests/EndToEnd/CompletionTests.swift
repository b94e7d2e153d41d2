// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("Completion", .timeLimit(.minutes(5)))
struct CompletionTests {
    /// What bash does when a person presses the tabulator at the end of a line.
    private static let press = #"""
        PATH=$1:$PATH
        source /dev/stdin <<<"$(wasm-server --generate-completion-script bash)"
        COMP_LINE=$2 COMP_POINT=${#2}
        read -ra COMP_WORDS <<<"$2"
        [[ $2 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        read -r _ _ _ _ function _ <<<"$(complete -p wasm-server)"
        "$function" wasm-server "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
        """#

    @Test(
        "offers in bash what may stand there",
        arguments: [
            ("wasm-server ", ["serve", "config", "probe", "check", "inspect", "digest"]),
            ("wasm-server serve --dem", ["--demo"]), ("wasm-server inspect --output ", ["text", "json"]),
            ("wasm-server config --for ", ["envoy", "envoy-filter", "istio-wasmplugin", "envoy-gateway", "consul"]),
            ("wasm-server config --output ", ["yaml", "json"]), ("wasm-server probe --output ", ["text", "json"]),
            ("wasm-server check --for ", ["envoy-1.36", "envoy-1.40", "all", "wasm"]),
            ("wasm-server check --output ", ["text", "json", "sarif", "github"]),
            ("wasm-server check ", ["authority.pem"]),
            ("wasm-server serve --log-level ", ["debug", "error"]),
            ("wasm-server serve --log-format ", ["json", "text"]),
            ("wasm-server probe --ca ", ["authority.pem"]), ("wasm-server serve --tls-key ", ["authority.pem"]),
            ("wasm-server serve ", ["authority.pem"]),
        ]
    )
    func bash(_ line: String, _ offers: [String]) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write([], to: "here/authority.pem")
            let program = try serverBinary().deletingLastPathComponent().path
            let shell = ["env", "--chdir", folder.path("here"), "bash", "-c", Self.press, "bash", program, line]
            let result = try await CommandLineTool.run(shell)
            #expect(result.status == 0)
            let words = result.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            for offer in offers { #expect(words.contains(offer), "\(result.output)") }
        }
    }

    @Test("is there for every shell", arguments: ["bash", "zsh", "fish"])
    func script(_ shell: String) async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(["--generate-completion-script", shell], in: folder)
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("istio-wasmplugin"))
        }
    }
}
