// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform

/// Why the system does not give a file: the only table from `errno` to what a person is told.
package struct FileFault: Error, Hashable, Sendable {
    /// The kinds of fault that callers treat differently.
    package enum Code: Hashable, Sendable {
        /// There is nothing at that path.
        case missing
        /// It is there and may not be read, or reading failed.
        case unreadable
        /// The system has no memory, or no descriptor, left for it.
        case exhausted
    }

    /// What kind of fault it is.
    package let code: Code
    /// What is wrong, in words that follow the file's name.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    private init(_ code: Code, _ reason: String, _ remedy: String) {
        (self.code, self.reason, self.remedy) = (code, reason, remedy)
    }

    /// What a system call has failed with, by its `errno`.
    package init(_ number: Int32) {
        switch number {
        case ENOENT, ENOTDIR: self.init(.missing, "does not exist", "check the path and the mount")
        case ELOOP: self.init(.missing, "is a link to itself", "fix the link")
        case ENXIO:
            self.init(.unreadable, "is closed, a socket, or a device that is not there", "give a pipe or a file")
        case EACCES, EPERM:
            self.init(
                .unreadable,
                "may not be read by this user",
                "make it readable for the user that this program runs as, or a group of that user"
            )
        case EMFILE:
            self.init(
                .exhausted,
                "cannot be opened: this process has too many open files",
                "raise the limit of open files (ulimit -n)"
            )
        case ENFILE:
            self.init(
                .exhausted,
                "cannot be opened: the system has too many open files",
                "raise the limit of open files (sysctl fs.file-max)"
            )
        case ENOMEM:
            self.init(
                .exhausted,
                "cannot be read: the system has no memory left for it",
                "raise the memory limit (the container's, or ulimit -v)"
            )
        default: self.init(.unreadable, "cannot be read (error \(number))", "check the disk or the volume")
        }
    }
}
