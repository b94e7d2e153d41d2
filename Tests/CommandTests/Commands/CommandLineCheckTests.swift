// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import wasm_server

@Suite("The words of a command line")
struct CommandLineCheckTests {
    @Test(
        "are rejected where they are none, with what to write",
        arguments: [
            ("serve -check", "'-check' begins with one dash, and flags begin with two; write --check"),
            ("serve -host", "write --host"), ("serve -port=1", "write --port=1"),
            ("serve -demo -check", "write --demo"),
            ("serve -c", "is not a flag of 'wasm-server serve'; did you mean --check or --config?"),
            ("serve -p 1", "did you mean --port or --peers?"),
            ("serve -o 1", "did you mean --operations-port or --otlp-endpoint?"),
            ("serve ---check", "'---check' begins with 3 dashes"), ("serve -chek", "did you mean --check"),
            (
                "serve \u{2014}port 1",
                "'\u{2014}port' begins with another dash than the keyboard's (U+2014); write --port"
            ),
            ("serve \u{2013}\u{2013}check", "(U+2013); write --check"),
            ("serve \u{2212}-port=1", "(U+2212); write --port=1"),
            ("serve -help", "write --help"), ("-version", "write --version"), ("-help", "write --help"),
            ("-v", "write --version"),
            ("serve -V", "write --version"),
            ("digest -z a", "'-z' is not a flag of 'wasm-server digest'; `wasm-server digest --help`"),
            ("serve --prot 1", "'--prot' is not a flag of 'wasm-server serve'; did you mean --port"),
            ("serve --tls_client_ca a", "--tls-client-ca"), ("serve --logLevel debug", "--log-level"),
            ("serve --PORT 1", "--port"),
            ("serve --zzzzzz", "`wasm-server serve --help` names them all"),
            ("probe --log-level debug http://a:1", "--log-level is not a flag of 'wasm-server probe' but of 'serve'"),
            ("--port 1", "write it behind the command: `wasm-server serve --port`"),
            (
                "serv",
                "'serv' is not a command; did you mean 'serve'? The commands are serve, config, probe, fleet, check, inspect, digest"
            ),
            ("prode", "did you mean 'probe'"), ("zzzzzz", "'zzzzzz' is not a command; the commands are"),
            ("Serve", "did you mean 'serve'"),
            ("./plugin.wasm", "write `wasm-server serve ./plugin.wasm`"),
            ("modules/", "write `wasm-server serve modules/`"),
            ("help serv", "did you mean 'serve'"), ("serve --port", "--port has no value; write --port <port>"),
            ("serve --port -1", "--port has no value, as '-1' begins with a dash; write --port <port>, or --port=-1"),
            ("serve --port --check", "--port has no value"),
            ("serve --check=true", "--check takes no value; leave '=true' out"),
            ("serve --demo=", "--demo takes no value; leave '=' out"),
            ("serve --port 1 --port 2", "--port is given twice, as '1' and '2'; leave one of them out"),
            ("serve --port=1 --demo --port=1", "--port is given twice, as '1' and '1'"),
            ("serve --check --check", "--check is given twice; leave one"),
            ("probe --module /a --module /b", "--module is given twice"),
            ("serve --tls-client-ca a --tls-client-ca b", "--tls-client-ca is given twice"),
            ("probe a b", "'b' is one word too many: 'probe' takes <url>; leave it out"),
            ("config --for envoy --url u a b", "one word too many"),
            ("digest", "'digest' requires <files>; name them"), ("check", "'check' requires <files>; name them"),
            ("inspect", "'inspect' requires <file>; name it"),
            ("version", "'version' is not a command but a flag; write `wasm-server --version`"),
            ("probe --url http://a:1", "; write <url> by itself: `wasm-server probe <url>`"),
            ("probe --url=http://a:1", "`wasm-server probe http://a:1`"),
            ("serve --source a", "; write <source> by itself"),
            ("config --for kuadrant --url u", "kuadrant-env"),
            ("config --for kuadrant --url u", "deploy/kubernetes/overlays/kuadrant"),
            ("config --for istio --url u", "; for Istio there are istio-wasmplugin and envoy-filter"),
            ("check --for envoy-1.36,envoy-140 a", "--for is 'envoy-140', and must be one of envoy-1.40, "),
            ("check --for envoy-1.36 --for envoy-140 a", "did you mean envoy-1.40?"),
            ("check --for envyo-1.40 a", "did you mean envoy-1.40?"),
            ("check --for envoy-gateway a", "; envoy-gateway-1.6 to envoy-gateway-1.9 are known"),
            ("check --for envoy-1.36.2 a", "did you mean envoy-1.36?"),
            ("check --for 1.38 a", "did you mean envoy-1.38?"),
            ("check --for istio-1.27 a", "; istio-1.28 to istio-1.31 are known"),
            ("check --for envoy-1.41 a", "; envoy-1.36 to envoy-1.40 are known"),
            ("check --for envoy-gateway-1.5 a", "; envoy-gateway-1.6 to envoy-gateway-1.9 are known"),
            ("probe --host-profile istio-1.27 u", "; istio-1.28 to istio-1.31 are known"),
            ("config --for envoy --url u --host-profile envoy-1.35", "; envoy-1.36 to envoy-1.40 are known"),
            (
                "check --host-profile envoy-1.38 a",
                "is not a flag of 'wasm-server check' but of 'serve', 'config' and 'probe'; write --for"
            ),
            ("serve --for envoy-1.38 a", "but of 'config' and 'check'; write --host-profile"),
            ("probe --for=istio-1.30 u", "write --host-profile=istio-1.30"),
            ("check --admission warn a", "leave it out"),
            ("check --output sari a", "must be one of text, json, sarif, github; did you mean sarif?"),
            ("config a", "--for is missing; add --for <target>, one of envoy, "),
            ("config --for envoy", "--url is missing; add --url <url>"),
            ("config --for istio --url u", "--for is 'istio', and must be one of envoy, "),
            ("config --for envy --url u", "did you mean envoy?"),
        ]
    )
    func rejected(_ line: String, _ words: String) throws {
        let failure = try #require(throws: CommandFailure.self) {
            try check(line.split(separator: " ").map(String.init))
        }
        #expect(failure.status.rawValue == 64)
        #expect(failure.lines.count == 1)
        #expect(failure.message.contains(words), "\(failure.message)")
        #expect(failure.message.contains("; "), "it has a remedy: \(failure.message)")
    }

    @Test(
        "are rejected where a value is empty, with the number for that",
        arguments: [
            ["serve", "--tls-client-ca="], ["serve", "--tls-client-ca", ""], ["serve", "--config", " "], ["serve", ""],
            ["serve", "--", ""],
            ["serve", "--demo", "a", ""], ["probe", ""], ["probe", "--ca", "", "u"], ["digest", ""],
            ["check", "--for=", "a"],
            ["config", "--for=", "--url", "u"],
            ["serve", "--peers", "a", "--peers", ""],
        ]
    )
    func empty(_ words: [String]) throws {
        let failure = try #require(throws: CommandFailure.self) { try check(words) }
        #expect(failure.status.rawValue == 78)
        #expect(failure.message.contains(" is empty"))
    }

    @Test(
        "are let through where they mean something",
        arguments: [
            "", "--help", "-h", "--version", "help", "help serve", "serve", "serve --help", "serve -h",
            "serve --demo --check",
            "serve --port 1 --operations-port=2 a b", "serve a.wasm --check",
            "serve --peers a --peers b --tls-allowed-client=a --tls-allowed-client b",
            "serve --port=-1", "serve -- -check --port --port", "serve -", "probe", "probe http://a:1 --module /a",
            "digest a b", "check -", "check --for envoy-1.36,istio-1.30 --for all a b --strict --output sarif",
            "config --for envoy --url u", "config --url=u --for=envoy a", "config --help", "serve --bogus --help",
            "--generate-completion-script bash", "serve --experimental-dump-help", "---completion serve -- --po",
        ]
    )
    func accepted(_ line: String) throws {
        try check(line.split(separator: " ").map(String.init))
    }

    @Test("are those that the parser knows: each setting is a flag of serve")
    func vocabulary() throws {
        let root = try #require(CommandVocabulary.of(WasmServerCommand.self))
        let serve = try #require(root.commands.first { $0.commandName == "serve" })
        for setting in Setting.allCases where setting != .sources {
            let argument = try #require(serve.argument(setting.flag))
            #expect(argument.isRepeating == setting.declaration.isList)
            #expect(argument.kind == .option)
        }
    }

    @Test("are those that the parser knows: what serve takes is known without it")
    func serveVocabulary() throws {
        let told = try #require(CommandVocabulary.of(ServeCommand.self))
        let known = CommandVocabulary.serve
        #expect(known.commandName == told.commandName)
        let asked: Set = ["--help", "--version"]
        let arguments = (told.arguments ?? []).filter { $0.flag.map(asked.contains) != true }
        #expect(Set(known.arguments ?? []) == Set(arguments))
        #expect(known.arguments?.count == arguments.count)
    }

    private func check(_ words: [String]) throws {
        try WasmServerCommand.judge(words)
    }
}
