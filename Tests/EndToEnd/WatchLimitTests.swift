// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

#if os(Linux)
/// epoll_ctl(2) says ENOSPC beyond `fs.epoll.max_user_watches`, which counts for a user and not for a network or a container, so no test
/// may lower it: here a library before the system's own says so, as long as a file is there.
@Suite("A limit of sockets that may be watched", .timeLimit(.minutes(5)))
struct WatchLimitTests {
    private static let library = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <stdlib.h>
        #include <sys/epoll.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        int epoll_ctl(int poll, int operation, int descriptor, struct epoll_event *event) {
            if (operation == EPOLL_CTL_ADD && access(getenv("LIMIT_IS_REACHED"), F_OK) == 0) {
                errno = ENOSPC;
                return -1;
            }
            return (int)syscall(SYS_epoll_ctl, poll, operation, descriptor, event);
        }
        """

    @Test(
        "costs no connection that was accepted, in the clear or over TLS: it waits, and the log says why",
        arguments: ["http", "https"]
    )
    func reached(_ scheme: String) async throws {
        try await withTemporaryFolder { folder in
            let (source, library) = (folder.appending(path: "limit.c"), folder.appending(path: "limit.so"))
            try Data(Self.library.utf8).write(to: source)
            let compiled = try await CommandLineTool.run(
                ["clang", "-shared", "-fPIC", "-o", library.path, source.path]
            )
            try #require(compiled.status == 0, "\(compiled.output)")
            let marker = folder.appending(path: "reached")
            let variables = ["LD_PRELOAD": library.path, "LIMIT_IS_REACHED": marker.path]
            try await TLSServerFixture.with(environment: variables) { fixture in
                let url = scheme == "https" ? try fixture.url : "http://localhost:\(fixture.server.port)"
                try Data().write(to: marker)
                async let reply = Reply.get(
                    "\(url)/plugin.wasm.sha256",
                    with: ["--ipv4", "--cacert", fixture.authority.certificate],
                    outputIn: folder
                )
                try await fixture.server.logLine("accepting paused", because: "system_limit")
                try FileManager.default.removeItem(at: marker)
                #expect(try await reply?.status == 200)
            }
        }
    }
}
#endif
