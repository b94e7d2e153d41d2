// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import Testing

@Suite("What the system says of a file")
struct FileFaultTests {
    @Test(
        "is told by what it means to whoever needs the file (errno(3))",
        arguments: [
            (ENOENT, .missing, "does not exist"), (ENOTDIR, .missing, "does not exist"),
            (ELOOP, .missing, "is a link to itself"),
            (ENXIO, .unreadable, "is closed, a socket, or a device that is not there"),
            (EACCES, .unreadable, "may not be read by this user"), (EPERM, .unreadable, "may not be read by this user"),
            (EMFILE, .exhausted, "cannot be opened: this process has too many open files"),
            (ENFILE, .exhausted, "cannot be opened: the system has too many open files"),
            (ENOMEM, .exhausted, "cannot be read: the system has no memory left for it"),
            (EIO, .unreadable, "cannot be read (error \(EIO))"),
        ] as [(Int32, FileFault.Code, String)]
    )
    func table(_ number: Int32, _ code: FileFault.Code, _ reason: String) {
        let fault = FileFault(number)
        #expect(fault.code == code)
        #expect(fault.reason == reason)
        #expect(!fault.remedy.isEmpty)
    }
}
