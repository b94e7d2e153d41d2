// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// Each script has the server wait for something that does not come, so that no signal is early by chance alone.
@Suite(
    "A server that is told to end before it serves",
    .timeLimit(.minutes(5)),
    .enabled(if: NetworkNamespace.canBeMade, "namespaces need root, or a system that lets users make them")
)
struct EarlySignalTests {
    // pid_namespaces(7): the first process of a container gets only those signals that it handles.
    @Test("ends at once as the first process of a container, even before it has read its settings")
    func firstProcess() async throws {
        // Where the signal was lost, the file is empty in the end, and rejected with another status.
        let script = """
            mkfifo "$FOLDER/config.yaml"
            unshare --pid --fork --kill-child "$SERVER" serve --config "$FOLDER/config.yaml" & parent=$!
            exec 3> "$FOLDER/config.yaml"
            sleep 60 & writer=$!
            exec 3>&-
            trap 'kill $writer' EXIT
            kill -TERM $(cat /proc/$parent/task/$parent/children)
            wait $parent
            """
        try await requireEnd(script)
    }

    @Test("ends at once while the address of --host is looked up")
    func lookup() async throws {
        let script = #"""
            mkfifo "$FOLDER/asked"
            echo 'nameserver 127.0.0.9' > "$FOLDER/resolv.conf"
            mount --bind "$FOLDER/resolv.conf" /etc/resolv.conf
            python3 -c 'if True:
                import signal, socket, sys
                name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                name_server.bind(("127.0.0.9", 53))
                open(sys.argv[1], "w").close()
                name_server.recv(512)
                open(sys.argv[1], "w").close()
                signal.pause()
            ' "$FOLDER/asked" & name_server=$!
            trap 'kill $name_server' EXIT
            : < "$FOLDER/asked"
            "$SERVER" serve --demo --host name.example --port 0 --operations-port 0 & server=$!
            : < "$FOLDER/asked"
            kill -TERM $server
            wait $server
            """#
        try await requireEnd(#"exec unshare --mount bash -euc "$SCRIPT""#, ["SCRIPT": script])
    }

    /// Requires that a script ends as a server does that a signal ended: with 128 and the number of SIGTERM, as shells report it.
    private func requireEnd(_ script: String, _ variables: [String: String] = [:]) async throws {
        try await TemporaryFolder.with { folder in
            let result = try await NetworkNamespace.loopbackOnly.run(
                script,
                environment: ["SERVER": try serverBinary().path, "FOLDER": folder.path].merging(variables) { $1 }
            )
            #expect(result.status == 143, "\(result.output)")
        }
    }
}
