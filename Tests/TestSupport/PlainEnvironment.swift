// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation

/// The variables that programs see which tests start.
///
/// They are what programs need to run, and nothing that would have them do it otherwise, such as a proxy, a locale or a server's
/// own settings. So tests tell the same in everybody's terminal.
package enum PlainEnvironment {
    /// The variables.
    package static let variables: [String: String] = ProcessInfo.processInfo.environment
        .filter { name, _ in needed.contains(name) || name.hasPrefix("SWIFTLY_") }
        .merging(["LC_ALL": "C"]) { _, plain in plain }

    private static let needed: Set = [
        "PATH", "HOME", "USER", "LOGNAME", "TMPDIR",
        // Where toolchains and their libraries are.
        "DEVELOPER_DIR", "LD_LIBRARY_PATH", "SDKROOT", "TOOLCHAINS",
        // What sanitizers and coverage are told.
        "ASAN_OPTIONS", "LLVM_PROFILE_FILE", "LSAN_OPTIONS", "SWIFT_BACKTRACE", "TSAN_OPTIONS", "UBSAN_OPTIONS",
    ]
}
