// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// A network of its own for one test (network_namespaces(7)), which is gone when the last program in it ends.
enum NetworkNamespace: String, CaseIterable, CustomTestStringConvertible {
    /// IPv6 is switched off and there is an IPv4 address, as Docker has it by default.
    case ipv4Only
    /// The kernel has no IPv6 at all (`ipv6.disable=1`): sockets of that family cannot be made.
    case noIPv6InKernel
    /// Pods of an IPv6-only cluster: IPv4 on the loopback interface alone.
    case ipv6Only
    /// No address but that which an interface gives itself (RFC 4291 §2.5.6).
    case linkLocalOnly
    /// Nothing but the loopback interface, as `docker run --network none` has it.
    case loopbackOnly
    /// Both families, and sockets serve IPv6 alone unless they say otherwise (`net.ipv6.bindv6only`).
    case ipv6SocketsAlone

    var testDescription: String { rawValue }

    /// Whether this user may make one.
    static let canBeMade: Bool = {
        let check = try? Process.run(URL(filePath: "/usr/bin/env"), arguments: make + ["true"])
        check?.waitUntilExit()
        return check?.terminationStatus == 0
    }()

    /// The hosts, as URLs write them, at which a server that listens on every address has to answer.
    var hosts: [String] {
        switch self {
        case .ipv4Only, .noIPv6InKernel: ["127.0.0.1", "192.0.2.1"]
        case .ipv6Only: ["[::1]", "[2001:db8::1]", "127.0.0.1"]
        case .linkLocalOnly: ["[::1]", "[fe80::1%25eth0]"]
        case .loopbackOnly: ["127.0.0.1", "[::1]"]
        case .ipv6SocketsAlone: ["127.0.0.1", "192.0.2.1", "[::1]", "[2001:db8::1]"]
        }
    }

    /// Runs a shell script in it, and waits until it has ended.
    func run(_ script: String, environment: [String: String]) async throws -> CommandLineTool.Result {
        try await CommandLineTool.run(
            Self.make + ["bash", "-euc", "PATH=$PATH:/usr/sbin:/sbin\nip link set lo up\n\(setUp)\n\(script)"],
            environment: PlainEnvironment.variables.merging(environment) { $1 }
        )
    }

    private static let make =
        ["unshare", "--net", "--fork", "--kill-child"] + (geteuid() == 0 ? [] : ["--map-root-user"])

    private var setUp: String {
        switch self {
        case .ipv4Only: "\(Self.withoutIPv6)\n\(Self.interface)\n\(Self.ipv4)"
        case .noIPv6InKernel: "\(Self.withoutSocketsOfIPv6)\n\(Self.withoutIPv6)\n\(Self.interface)\n\(Self.ipv4)"
        case .ipv6Only: "\(Self.interface)\n\(Self.ipv6)"
        case .linkLocalOnly: "\(Self.interface)\nip address add fe80::1/64 dev eth0 nodad"
        case .loopbackOnly: ""
        case .ipv6SocketsAlone: "\(Self.interface)\n\(Self.ipv4)\n\(Self.ipv6)\nsysctl -qw net.ipv6.bindv6only=1"
        }
    }

    private static let interface = """
        ip link add eth0 type veth peer name eth1
        ip link set eth0 up
        ip link set eth1 up
        """
    private static let ipv4 = "ip address add 192.0.2.1/24 dev eth0"
    private static let ipv6 = "ip address add 2001:db8::1/64 dev eth0 nodad"
    private static let withoutIPv6 = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"

    /// Starts the shell's script anew, with a filter of system calls (seccomp(2)) that has every `socket(AF_INET6, …)` fail with
    /// EAFNOSUPPORT.
    private static let withoutSocketsOfIPv6 = #"""
        [ -n "${IPV6_IS_FILTERED-}" ] || IPV6_IS_FILTERED=1 exec python3 - bash -euc "$BASH_EXECUTION_STRING" <<'PYTHON'
        import ctypes, os, platform, struct, sys
        call = {"x86_64": 41, "aarch64": 198}[platform.machine()]
        load, unless_equal, answer = 0x20, 0x15, 0x06
        filter = b"".join(struct.pack("HBBI", *each) for each in [
            (load, 0, 0, 0), (unless_equal, 0, 3, call), (load, 0, 0, 16), (unless_equal, 0, 1, 10),
            (answer, 0, 0, 0x00050000 | 97), (answer, 0, 0, 0x7FFF0000)])
        code = ctypes.create_string_buffer(filter)
        program = struct.pack("HxxxxxxP", len(filter) // 8, ctypes.addressof(code))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
        os.execvp(sys.argv[1], sys.argv[1:])
        PYTHON
        """#
}
