// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport

/// A directory as the kubelet fills it from a ConfigMap (`atomic_writer.go`), with two modules.
///
/// Each generation is a directory of its own, `..data` is a link to the current one, and what a container sees are links
/// through `..data`. The link is moved by renaming, and only then the old generation is removed.
struct MountedVolume {
    /// The names of the modules.
    static let names = ["a.wasm", "b.wasm"]

    private let folder: TemporaryFolder

    /// A volume with its first generation.
    init(in folder: TemporaryFolder, generation: Int) throws {
        self.folder = folder
        try write(generation)
        try folder.link("..data", to: Self.directory(generation))
        for name in Self.names { try folder.link(name, to: "..data/\(name)") }
    }

    /// The bytes of a module; its size tells the generation.
    static func bytes(of name: String, _ generation: Int) -> [UInt8] {
        WasmModule.ofSize(10_000 + generation, seed: name == names[0] ? 1 : 2)
    }

    /// Which generation a module of some size belongs to.
    static func generation(ofSize size: Int) -> Int { size - 10_000 }

    /// Replaces one generation by the next.
    func advance(to generation: Int) throws {
        try write(generation)
        try folder.link("..data_tmp", to: Self.directory(generation))
        guard unsafe rename(folder.path("..data_tmp"), folder.path("..data")) == 0 else {
            throw Unexpected("the link cannot be moved: error \(errno)")
        }
        try FileManager.default.removeItem(atPath: folder.path(Self.directory(generation - 1)))
    }

    private static func directory(_ generation: Int) -> String { "..generation_\(generation)" }

    private func write(_ generation: Int) throws {
        for name in Self.names {
            try folder.write(Self.bytes(of: name, generation), to: "\(Self.directory(generation))/\(name)")
        }
    }
}
