// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation

/// The target that `--target=<name>` chose.
private let target: FuzzTarget = {
    let option = "--target="
    let names = CommandLine.arguments.filter { $0.hasPrefix(option) }.map { $0.dropFirst(option.count) }
    guard let name = names.first, let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("Fuzz: no such target; --list names them, --target=<name> chooses one")
        exit(64)
    }
    return target
}()

/// Called by libFuzzer before the first input; it leaves flags that begin with two dashes to us.
@_cdecl("LLVMFuzzerInitialize")
func initialize(_ argumentCount: UnsafeRawPointer, _ arguments: UnsafeRawPointer) -> CInt {
    if CommandLine.arguments.contains("--list") {
        for target in FuzzTarget.all { print(target.name) }
        exit(0)
    }
    return 0
}

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.check(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
