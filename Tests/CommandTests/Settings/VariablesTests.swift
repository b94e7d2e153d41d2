// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import wasm_server

@Suite("Variables that begin like the server's")
struct VariablesTests {
    @Test(
        "are warned of where they are none, with the nearest, and without their values",
        arguments: [
            ("WASM_SERVER_LOGLEVEL", "WASM_SERVER_LOG_LEVEL?"), ("wasm_server_port", "WASM_SERVER_PORT?"),
            ("WASM-SERVER-PEERS", "WASM_SERVER_PEERS?"), ("WASM_SERVER_SOURCE", "WASM_SERVER_SOURCES?"),
            ("WASM_SERVER_METRICS", "--help"), ("WASM_SERVER_", "--help"),
            ("WASM_SERVER_OPERATION_PORT", "WASM_SERVER_OPERATIONS_PORT?"),
        ]
    )
    func unknown(_ name: String, _ words: String) throws {
        let warnings = Variables([name: "secret"]).warnings
        let warning = try #require(warnings.first)
        #expect(warnings.count == 1)
        #expect(warning.hasPrefix("\(name) is not a variable of this server") && warning.contains(words), "\(warning)")
        #expect(!warning.contains("secret"))
    }

    // To go on without TLS, or without asking clients for a certificate, is less than was asked for.
    @Test(
        "are rejected where they are about TLS or clients, with the nearest, and without their values",
        arguments: [
            ("WASM_SERVER_TLS_CERT", "did you mean WASM_SERVER_TLS_CERTIFICATE?"),
            ("WASM_SERVER_TLS_CERTIFCATE", "did you mean WASM_SERVER_TLS_CERTIFICATE?"),
            ("WASM_SERVER_TLS_CERT_FILE", "did you mean WASM_SERVER_TLS_CERTIFICATE?"),
            ("WASM_SERVER_TLS_PRIVATE_KEY", "did you mean WASM_SERVER_TLS_KEY?"),
            ("WASM_SERVER_TLSCLIENTCA", "did you mean WASM_SERVER_TLS_CLIENT_CA?"),
            ("WASM_SERVER_TLS_CLIENT_CAS", "did you mean WASM_SERVER_TLS_CLIENT_CA?"),
            ("WASM_SERVER_TLS_CA", "did you mean WASM_SERVER_TLS_CLIENT_CA or WASM_SERVER_TLS_PEERS_CA?"),
            ("WASM_SERVER_TSL_PORT", "did you mean WASM_SERVER_TLS_PORT?"),
            ("wasm_server_tls_key", "did you mean WASM_SERVER_TLS_KEY?"),
            ("WASM-SERVER-TLS-KEY", "did you mean WASM_SERVER_TLS_KEY?"),
            ("WASM_SERVER__TLS_KEY", "did you mean WASM_SERVER_TLS_KEY?"),
            ("WASM_SERVER_HOSTS", "did you mean WASM_SERVER_HOST?"), ("WASM_SERVER_MTLS", "--help"),
            ("WASM_SERVER_SSL", "--help"),
            ("WASM_SERVER_ALLOWED_CLIENT", "did you mean WASM_SERVER_TLS_ALLOWED_CLIENT?"),
            ("WASM_SERVER_ROOT_CA", "--help"), ("WASM_SERVER_TLS_", "WASM_SERVER_TLS_"),
        ]
    )
    func protecting(_ name: String, _ words: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            _ = try await settings(environment: [name: "secret"])
        }
        #expect(failure?.status.rawValue == 78)
        #expect(failure?.lines.count == 1)
        #expect(failure?.message.hasPrefix("\(name) is not a variable of this server") == true)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("secret") == false)
    }

    @Test("are warned of where one is given beside another that counts instead")
    func shadowed() async throws {
        let both = ["WASM_SERVER_FILE_PATH": "/a.wasm", "WASM_SERVER_SOURCES": "/b"]
        let warning = try #require(try await settings(environment: both).warnings.first)
        #expect(warning.contains("WASM_SERVER_FILE_PATH is ignored, as WASM_SERVER_SOURCES is given"))
        #expect(try await settings(environment: both, arguments: ["/c"]).warnings.isEmpty)
        #expect(try await settings(environment: ["WASM_SERVER_FILE_PATH": "/a.wasm"]).warnings.isEmpty)
    }

    // kubelet/envvars/envvars.go: what a pod gets for each Service of its namespace, here wasm-server, wasm-server-tls and
    // wasm-server-operations.
    @Test(
        "are no matter where Kubernetes made them of a Service",
        arguments: ["", "TLS_", "OPERATIONS_", "METRICS_V2_", "PEERS_", "CLIENT_CA_"],
        [
            ("SERVICE_HOST", "10.0.0.1"), ("SERVICE_PORT", "8082"), ("SERVICE_PORT_HTTP", "8082"),
            ("SERVICE_PORT_HTTP_MODULES", "8082"), ("PORT", "tcp://10.0.0.1:8082"),
            ("PORT_8082_TCP", "tcp://10.0.0.1:8082"),
            ("PORT_8082_TCP_PROTO", "tcp"), ("PORT_8082_TCP_PORT", "8082"), ("PORT_8082_TCP_ADDR", "10.0.0.1"),
            ("PORT_53_UDP", "udp://10.0.0.1:53"),
        ]
    )
    func serviceLinks(_ service: String, _ link: (String, String)) async throws {
        let variables = ["WASM_SERVER_\(service)\(link.0)": link.1]
        #expect(Variables(variables).warnings.isEmpty)
        let plain = try await settings()
        #expect(try await settings(environment: variables) == plain)
    }

    @Test("are none of those that are known, nor of other programs")
    func known() {
        let names =
            Setting.allCases.map(\.variable) + [
                "WASM_SERVER_CONFIG", "WASM_SERVER_FILE_PATH", "PATH", "WASM_SERVERS", "WASM",
            ]
        #expect(Variables(Dictionary(uniqueKeysWithValues: names.map { ($0, "x") })).warnings.isEmpty)
    }

    @Test(
        "are told apart in one go, however long they are",
        .timeLimit(.minutes(5)),
        arguments: ["SERVICE_PORT_", "PORT_1_TCP_", "PORT_1", "_", "SERVICE_"]
    )
    func long(_ part: String) {
        let name = "WASM_SERVER_" + String(repeating: part, count: 10_000 / part.utf8.count) + "x"
        #expect(Variables([name: "x"]).warnings.count == 1)
    }
}
