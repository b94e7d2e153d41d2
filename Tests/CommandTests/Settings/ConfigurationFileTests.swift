// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@testable import wasm_server

@Suite("A configuration file that is wrong")
struct ConfigurationFileTests {
    @Test(
        "is rejected with the line, what is allowed, and the nearest key",
        arguments: [
            ("port: 1\nprot: 8082", ", line 2: unknown key 'prot'; did you mean 'port'", "operations-port"),
            ("tls_client_ca: /a", ", line 1: unknown key", "'tls-client-ca'"),
            ("tlsClientCA: /a", ", line 1: unknown key", "'tls-client-ca'"),
            ("WASM_SERVER_LOG_LEVEL: debug", ", line 1: unknown key", "did you mean 'log-level'"),
            ("--retain: 1h", ", line 1: unknown key", "did you mean 'retain'"),
            ("tls:\n  key: a", ", line 1: unknown key 'tls'", "'tls-key'"),
            ("zzzzzz: 1", ", line 1: unknown key 'zzzzzz'; the keys are", "port"),
            ("\n\nport: http", ", line 3: 'port' is 'http', and must be", "0 to 65535"),
            ("port: 0x1f92", ", line 1: 'port' is '0x1f92'", "0 to 65535"),
            ("port: 1.0", ", line 1: 'port' is '1.0'", "65535"),
            (
                "host-profile: istio-1.27", ", line 1: 'host-profile' is 'istio-1.27', and must be",
                "; istio-1.28 to istio-1.31 are known"
            ),
            (
                "host-profile: envyo-1.38", ", line 1: 'host-profile' is 'envyo-1.38', and must be",
                "; did you mean envoy-1.38?"
            ),
            ("port: [1, 2]", ", line 1: 'port' must be", "65535"),
            ("port: {a: 1}", ", line 1: 'port' must be", "65535"),
            ("peers: a", ", line 1: 'peers' must be a list", "[one, another]"),
            ("peers:\n- a\n- [b]", ", line 3: 'peers' has an element that is not text", "list"),
            ("port: 1\nhost: a\nport: 2", ", line 3: the key 'port' is duplicated: line 1 has it", "leave one"),
            ("port: 1\n'port': 2", ", line 2: the key 'port' is duplicated", "leave one"),
            ("<<: {port: 1}", ", line 1: unknown key '<<'", "keys are"),
            ("? [port]\n: 1", ", line 1: has a key that is not text", "key: value"),
            ("port: !!int 8082", ", line 1: 'port' has the tag", "leave it out"),
            ("host: !env HOST", ", line 1: 'host' has the tag", "leave it out"),
            ("port: 1\n---\nhost: a", ", line 2: begins a second document", "write one"),
            ("- port", ", line 1: must be a mapping", "port: 8082"),
            ("port 8082", ", line 1: must be a mapping", "port: 8082"),
            ("tls-key: \"a\\0b\"", ", line 1: 'tls-key' has a character U+0000", "take it out"),
            ("host: *", ", line 1: '", "put the value in quotes"),
            ("host: @a", ", line 1: '@' cannot begin a value", "quotes"),
            ("host: `a`", ", line 1: '`' cannot begin a value", "quotes"),
            ("host: %a", ", line 1: '%' cannot begin a value", "quotes"),
            ("port: 1\n\thost: a", ", line 2: begins with a tab", "spaces"),
            ("host: a: b", ", line 1: has a colon", "quotes"),
            ("port: 1\n host: a", ", line 2: has a colon where no key can stand", "indent"),
            ("peers: [a", ", line 1: a list in brackets that begins in column 8 does not end", "add what is missing"),
            ("peers: [a\nport: 1", ", line 1: a list in brackets", "add what is missing"),
            ("peers:\n- a\n b: 1", ", line 3: ", "; "), ("port: 1\nhost", ", line 2: has no colon", "key: value"),
            ("host: \"a", ", line 1: a text in quotes that begins in column 7 does not end", "add the quote"),
            ("host: 'a\nport: 1", ", line 1: a text in quotes", "add the quote"),
            ("host: \"a\\qb\"", ", line 1: ", "backslash"), ("host: &", ", line 1: ", "quotes"),
            ("host: *a", ", line 1: '*'", "quotes"),
            ("host: !<", ", line 1: ", "quotes"),
            ("port: 1\nhost: a\u{7}", ", line 2: has a control character (\\u{07})", "take it out"),
            (
                "port: 1\r\n# \u{1f469}\u{200d}\u{1f680}e\u{301}\r\nhost: \u{7f}",
                ", line 3: has a control character (\\u{7F})", "out"
            ),
            ("port: 1\nhost: \u{600}\u{fffe}\nretain: 1h\n", ", line 2: has a control character (\\u{FFFE})", "out"),
            ("port: 1\u{2028}host: \u{1}", ", line 2: has a control character (\\u{01})", "take it out"),
            ("\u{feff}host: @a", ", line 1: '@' cannot begin a value", "quotes"),
            ("# \u{1f469}\nhost: \u{1f469}: b", ", line 2: has a colon", "quotes"),
            ("port: - 1", ", line 1: '-' begins an element", "lines of its own"),
            ("%YAML 9\nport: 1", ", line 1: ", "; "),
            ("host: |x\n  a", ", line 1: ", "next line"), ("}", ", line 1: ", "; "), ("port: }", ", line 1: ", "; "),
            ("peers: " + String(repeating: "[", count: 5000), ", line 1: has more than 100 levels", "fewer"),
        ]
    )
    func bad(_ text: String, _ place: String, _ words: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) { _ = try await settings(file: text) }
        let message = failure?.message ?? ""
        #expect(failure?.status == .configuration)
        #expect(message.contains("config.yaml\(place)"), "\(message)")
        #expect(message.contains(words), "\(message)")
        // What the parser would say, which speaks of its own states.
        for phrase in [
            "did not find", "could not find", "while ", "expected", "token", "in this context", "YamlError",
            "nest_level",
        ] {
            #expect(!message.contains(phrase), "\(message)")
        }
    }

    @Test("may be a pipe, and is not read for ever, nor beyond what anyone writes")
    func size() async throws {
        try await TemporaryFolder.with { folder in
            let large = try folder.write(
                [UInt8](repeating: UInt8(ascii: "#"), count: ConfigurationFile.maximumSize + 1),
                to: "large.yaml"
            )
            let binary = try folder.write([0xff, 0xfe, 0x00], to: "binary.yaml")
            for (path, status, words) in [
                (large, ExitStatusCode.configuration, "more than 1MiB"),
                ("/dev/zero", .configuration, "more than 1MiB"),
                (binary, .configuration, "not UTF-8"), (folder.path, .noInput, "cannot be read"),
                ("/nowhere", .noInput, "does not exist"),
            ] {
                let failure = #expect(throws: CommandFailure.self) { _ = try ConfigurationFile.entries(at: path) }
                #expect(failure?.status.rawValue == status.rawValue)
                #expect(failure?.message.hasPrefix("\(path): the configuration file") == true)
                #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
            }
        }
    }

    private enum ExitStatusCode: Int32 {
        case noInput = 66
        case configuration = 78
    }
}
