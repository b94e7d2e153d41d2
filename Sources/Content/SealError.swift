// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why bytes could not be sealed: the system had no memory for them.
package struct SealError: Error, Equatable, CustomStringConvertible {
    /// `ENOMEM`, for the calls that say no more than that they failed.
    static let outOfMemory: Int32 = 12

    /// `EPERM`, `EACCES`, `EINVAL` and `ENOSYS`: a kernel or a sandbox that does not know a call, or forbids it.
    static let unsupported: Set<Int32> = [1, 13, 22, 38]

    /// `EMFILE` and `ENFILE`.
    private static let outOfDescriptors: Set<Int32> = [24, 23]

    /// Whether it is descriptors that there were too few of, and not memory.
    package var isOfDescriptors: Bool { Self.outOfDescriptors.contains(errorNumber) }

    /// The system call that failed.
    package let call: String
    /// Its error number.
    package let errorNumber: Int32

    /// The call and its error number.
    package var description: String { "\(call): error \(errorNumber)" }
}
