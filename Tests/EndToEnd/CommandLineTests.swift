// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Testing

/// The command line as a person or a script uses it.
@Suite("The command line", .timeLimit(.minutes(5)))
struct CommandLineTests {
    @Test("prints digests as sha256sum does")
    func digest() async throws {
        try await withTemporaryFolder { folder in
            for name in ["a.wasm", "with space.txt", "back\\slash", "line\r\nfeed"] {
                try Data(name.utf8).write(to: folder.appending(path: name))
            }
            let files = ["a.wasm", "with space.txt", "back\\slash", "line\r\nfeed"].map { "\(folder.path)/\($0)" }
            let ours = try await Outcome.of(["digest"] + files, in: folder)
            let theirs = try Program(URL(filePath: "/usr/bin/env"), ["sha256sum"] + files, outputIn: folder)
            #expect(await theirs.exitCode() == 0)
            #expect(ours.code == 0)
            #expect(ours.output == String(decoding: try theirs.output, as: UTF8.self))
        }
    }

    @Test(
        "prints the digest of whatever sha256sum reads: a pipe, one by name whose writer comes late, standard input",
        arguments: [
            "printf abc | $0 digest /dev/stdin", "printf abc | $0 digest -", "$0 digest <(printf abc)",
            "mkfifo pipe; (sleep 0.2; printf abc > pipe) & $0 digest pipe", "$0 digest /dev/null",
            "$0 digest <(head -c 300000 /dev/zero; sleep 0.2; head -c 300000 /dev/zero)",
        ]
    )
    func digestOfPipe(_ script: String) async throws {
        try await withTemporaryFolder { folder in
            func run(_ program: String) async throws -> String {
                let script = "cd '\(folder.path)'; rm -f pipe; \(script.replacing("$0 digest", with: program))"
                let shell = try Program(URL(filePath: "/usr/bin/env"), ["bash", "-c", script], outputIn: folder)
                #expect(await shell.exitCode() == 0)
                return String(decoding: try shell.output, as: UTF8.self)
            }
            let ours = try await run("'\(try serverBinary().path)' digest")
            let theirs = try await run("sha256sum")
            #expect(ours == theirs)
        }
    }

    @Test("says what is wrong with a standard input that is closed, or a socket, and what to give instead")
    func digestOfNothing() async throws {
        try await withTemporaryFolder { folder in
            let socket = "import socket, subprocess, sys; ends = socket.socketpair();"
            let call = "sys.exit(subprocess.call([sys.argv[1], 'digest', '-'], stdin=ends[0]))"
            for words in [["bash", "-c", "exec \"$0\" digest - <&-"], ["python3", "-c", socket + call]] {
                let server = try serverBinary().path
                let program = try Program(URL(filePath: "/usr/bin/env"), words + [server], outputIn: folder)
                #expect(await program.exitCode() == SysExit.noInput)
                let expected =
                    "wasm-server: /dev/stdin: is closed, a socket, or a device that is not there; give a pipe or a file"
                #expect(try program.errorLines == [expected[...]])
            }
        }
    }

    @Test("names what can be set")
    func help() async throws {
        try await withTemporaryFolder { folder in
            let help = try await Outcome.of(["serve", "--help"], in: folder)
            #expect(help.code == 0)
            for flag in [
                "--demo", "--check", "--config", "--host", "--port", "--operations-port", "--max-module-size",
                "--log-level", "--log-format", "--peers", "--adopt-timeout", "--retain", "--retain-memory", "--rehash",
            ] {
                #expect(help.output.contains(flag))
            }
        }
    }

    @Test(
        "rejects a flag's value, and says which, why and what is allowed",
        arguments: [
            (["--port", "http"], ["--port", "'http'", "65535"]), (["--port", "65536"], ["--port", "'65536'"]),
            (["--port=-1"], ["--port", "'-1'"]), (["--operations-port", "x"], ["--operations-port"]),
            (["--max-module-size", "big"], ["--max-module-size", "'big'", "64MiB"]),
            (["--max-module-size", "0"], ["--max-module-size"]),
            (["--max-module-size", "9999GiB"], ["--max-module-size"]),
            (["--log-level", "loud"], ["--log-level", "'loud'", "debug"]), (["--log-format", "xml"], ["json, text"]),
            (["--peers", "http://a"], ["--peers", "http://a", "HOST:PORT"]),
            (["--peers", "a:0"], ["--peers", "a:0"]), (["--host", "a:1"], ["--host", "'a:1'", "without a port"]),
            (["--adopt-timeout", "2h"], ["--adopt-timeout", "'2h'", "1h"]),
            (["--retain", "forever"], ["--retain", "'forever'", "24h"]),
            (["--retain-memory", "0"], ["--retain-memory", "'0'"]),
            (["--rehash", "0"], ["--rehash", "'0'", "1s"]),
            (["--unknown"], ["--unknown"]),
        ]
    )
    func badFlags(_ flags: [String], _ words: [String]) async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(["serve", "--demo", "--check"] + flags, in: folder)
            #expect(outcome.code == SysExit.usage)
            for word in words { #expect(outcome.errors.joined(separator: "\n").contains(word)) }
        }
    }

    @Test(
        "rejects a variable's value",
        arguments: [
            ("PORT", "http"), ("HOST", "0"), ("LOG_LEVEL", "loud"), ("MAX_MODULE_SIZE", "x"), ("OPERATIONS_PORT", "-1"),
            ("RETAIN", "forever"), ("RETAIN_MEMORY", "x"), ("REHASH", "0"), ("ADOPT_TIMEOUT", "x"),
        ]
    )
    func badVariables(_ name: String, _ value: String) async throws {
        try await withTemporaryFolder { folder in
            let variable = "WASM_SERVER_\(name)"
            let outcome = try await Outcome.of(
                ["serve", "--demo", "--check"],
                environment: [variable: value],
                in: folder
            )
            #expect(outcome.code == SysExit.configuration)
            #expect(outcome.errors.count == 1)
            #expect(outcome.errors.first?.contains("\(variable) is '\(value)'") == true)
        }
    }

    @Test(
        "never takes a setting that is given and empty for one that was not given",
        arguments: ["--tls-client-ca", "--tls-certificate", "--host", "--config", "--peers"]
    )
    func empty(_ flag: String) async throws {
        try await withTemporaryFolder { folder in
            let variable = "WASM_SERVER_\(flag.dropFirst(2).uppercased().split(separator: "-").joined(separator: "_"))"
            for (flags, environment, name) in [
                ([flag, ""], [:], flag), ([], [variable: ""], variable),
            ] as [([String], [String: String], String)] {
                let outcome = try await Outcome.of(
                    ["serve", "--demo", "--check"] + flags,
                    environment: environment,
                    in: folder
                )
                #expect(outcome.code == SysExit.configuration)
                #expect(outcome.errors.count == 1)
                #expect(outcome.errors.first?.contains("\(name) is empty") == true, "\(outcome.errors)")
            }
        }
    }

    @Test(
        "says why it does not start as it would log, so that collectors can read that, too",
        arguments: [
            (["--port", "http"], SysExit.usage), (["--port", "1", "--port", "2"], SysExit.usage),
            (["-check"], SysExit.usage),
            (["--unknown"], SysExit.usage), (["--tls-client-ca", ""], SysExit.configuration),
            (["--config", "/nowhere.yaml"], SysExit.noInput), (["/nowhere.wasm"], SysExit.noInput),
            (["--tls-certificate", "/nowhere.pem", "--tls-key", "/nowhere.pem"], SysExit.configuration),
            (["--host", "192.0.2.1", "--port", "0"], SysExit.unavailable),
        ]
    )
    func fatalErrors(_ flags: [String], _ code: Int32) async throws {
        struct Line: Decodable {
            let level: String
            let message: String
            let exit_code: Int32?
        }
        try await withTemporaryFolder { folder in
            // The default, where nobody reads it at a terminal; and what is said in each way.
            for (given, environment) in [
                ([], [:]), (["--log-format", "json"], [:]), (["--log-format=json"], ["WASM_SERVER_LOG_FORMAT": "text"]),
                ([], ["WASM_SERVER_LOG_FORMAT": "json"]),
            ] as [([String], [String: String])] {
                let arguments = ["serve", "--demo", "--operations-port", "0"] + flags + given
                let outcome = try await Outcome.of(
                    arguments.filter { $0 != "--demo" || flags != ["/nowhere.wasm"] },
                    environment: environment,
                    in: folder
                )
                #expect(outcome.code == code)
                let lines = try outcome.errors.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
                #expect(lines.last?.level == "critical")
                #expect(lines.last?.exit_code == code)
                #expect(lines.last?.message.contains(/;\ |must\ be/) == true)
            }
            let text = try await Outcome.of(["serve", "--log-format", "text"] + flags, in: folder)
            #expect(text.errors.last?.hasPrefix("wasm-server: ") == true)
        }
    }

    @Test("says why it does not start as the file has it logged")
    func fatalErrorsOfFiles() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "config.yaml")
            try Data("log-format: text\nport: http\n".utf8).write(to: file)
            let outcome = try await Outcome.of(["serve", "--config", file.path], in: folder)
            #expect(outcome.code == SysExit.configuration)
            #expect(outcome.errors.first?.hasPrefix("wasm-server: \(file.path), line 2: 'port' is 'http'") == true)
        }
    }

    @Test("blames the host for a host, and the port for a port, where each was given")
    func badHost() async throws {
        try await withTemporaryFolder { folder in
            let arguments = ["serve", "--demo", "--port", "0", "--operations-port", "0", "--log-format", "text"]
            // RFC 5737 §3: no machine has this address.
            let flag = try await Outcome.of(arguments + ["--host", "192.0.2.1"], in: folder)
            #expect(
                flag.errors.last?.contains("wasm-server: --host: cannot listen on 192.0.2.1") == true,
                "\(flag.errors)"
            )
            // RFC 6761 §6.4: no resolver knows this name.
            let name = try await Outcome.of(arguments, environment: ["WASM_SERVER_HOST": "a.invalid"], in: folder)
            #expect(
                name.errors.last?.contains("wasm-server: WASM_SERVER_HOST: cannot listen on a.invalid") == true,
                "\(name.errors)"
            )
            #expect(flag.code == SysExit.unavailable && name.code == SysExit.unavailable)
        }
    }

    @Test(
        "has one style for all that is wrong with its words",
        arguments: [
            ["serve", "-check"], ["serve", "-host"], ["serv"], ["--port", "1"], ["digest"], ["config", "--for", "x"],
            ["check"], ["check", "-", "-"], ["check", "--for", "x", "a"], ["inspect"],
            ["probe", "a", "b"],
            ["serve", "--check", "--port"], ["serve", "--check", "--check=true"], ["serve", "--check", "--unknown"],
            ["serve", "--check", "--port", "1", "--port", "2"], ["serve", "--generate-completion-script", "ksh"],
            ["./plugin.wasm"],
        ]
    )
    func badWords(_ words: [String]) async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(words, environment: ["WASM_SERVER_LOG_FORMAT": "text"], in: folder)
            #expect(outcome.code == SysExit.usage)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.count == 1)
            #expect(
                outcome.errors.first?.wholeMatch(of: /wasm-server: .+(; .+|, and must be .+)/) != nil,
                "\(outcome.errors)"
            )
        }
    }

    @Test("shows what others have written, and lets none of it steer a terminal")
    func hostileNames() async throws {
        let hostile = "a\u{1b}[31m\u{85}\u{9b}\u{2028}\u{202e}\u{2066}\u{feff}\u{ad}\u{e0001}b\r\u{7}"
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "config.yaml")
            try Data("\"a\\e[31m\\u202e\\nb\": 1".utf8).write(to: file)
            for (words, environment) in [
                (["serve", "--check", "\(hostile).wasm"], [:]), (["serve", "--check", "--\(hostile)"], [:]),
                ([hostile], [:]),
                (["serve", "--check", "--demo", "--port", hostile], [:]), (["digest", hostile], [:]),
                (["check", hostile], [:]), (["check", "--output", "github", hostile], [:]),
                (["check", "--output", "json", hostile], [:]), (["check", "--output", "sarif", hostile], [:]),
                (["inspect", hostile], [:]),
                (["probe", hostile], [:]),
                (["serve", "--check", "--demo"], ["WASM_SERVER_\(hostile)": "x"]),
                (["serve", "--check", "--demo"], ["WASM_SERVER_HOST": hostile]),
                (["serve", "--check", "--config", file.path], [:]), (["serve", "--check", "--config", hostile], [:]),
                (["serve", "--log-format", "json", "\(hostile).wasm"], [:]),
                (["serve", "--log-format", "text", "\(hostile).wasm"], [:]),
                (["config", "--for", hostile, "--url", "http://a:1"], [:]),
                (["config", "--for", "envoy", "--url", hostile], [:]),
            ] as [([String], [String: String])] {
                let outcome = try await Outcome.of(words, environment: environment, in: folder)
                let text = outcome.output + outcome.errors.joined(separator: "\n")
                #expect(!text.isEmpty)
                for scalar in text.unicodeScalars where scalar != "\n" {
                    let category = scalar.properties.generalCategory
                    #expect(![.control, .format, .lineSeparator, .paragraphSeparator].contains(category), "\(words)")
                }
            }
        }
    }

    @Test("warns of a variable that looks like one of its own, and of none that Kubernetes makes")
    func strangeVariables() async throws {
        try await withTemporaryFolder { folder in
            let variables = [
                "WASM_SERVER_DRAIN_TIMEOT": "9s", "WASM_SERVER_SERVICE_HOST": "10.0.0.1",
                "WASM_SERVER_PORT_8082_TCP": "tcp://10.0.0.1:8082", "WASM_SERVER_METRICS_PORT": "tcp://10.0.0.2:1",
            ]
            let outcome = try await Outcome.of(["serve", "--demo", "--check"], environment: variables, in: folder)
            #expect(outcome.code == 0)
            let warnings = outcome.output.split(separator: "\n").filter { $0.hasPrefix("warning") }
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("did you mean WASM_SERVER_DRAIN_TIMEOUT?") == true)
        }
    }

    @Test(
        "rejects flags that do not go together, and names them all",
        arguments: [
            (["--port", "0", "--peers", "a"], ["--peers", "HOST:PORT"]),
            (["--tls-peers-ca", "ca.pem"], ["--tls-peers-ca", "--tls-certificate"]),
        ]
    )
    func badCombinations(_ flags: [String], _ words: [String]) async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(["serve", "--demo", "--check"] + flags, in: folder)
            #expect(outcome.code == SysExit.configuration)
            #expect(outcome.errors.count == 1)
            for word in words { #expect(outcome.errors.first?.contains(word) == true, "\(outcome.errors)") }
        }
    }
}
