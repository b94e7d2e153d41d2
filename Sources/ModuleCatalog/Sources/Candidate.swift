// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A module that a source offers, before anything is known of its bytes.
///
/// Two that are equal have the same bytes, unless only reading them would tell.
struct Candidate: Hashable, Sendable {
    /// Where its bytes are.
    enum Origin: Hashable, Sendable {
        case embedded([UInt8])
        case file(FileOnDisk)
        /// There is nothing that could be read.
        case unreadable(name: String, CatalogError)
    }

    /// A file, as it was at the moment when it was looked at.
    struct FileOnDisk: Hashable, Sendable {
        /// The name by which it was found.
        let name: String
        /// The file itself, with every link resolved: whatever becomes of the links, it is this one that is read.
        let target: String
        let facts: FileSystem.Facts
    }

    let path: ModulePath
    let origin: Origin

    /// The origin as it is named in messages.
    var originName: String {
        switch origin {
        case .embedded: "the embedded \(path)"
        case .file(let file): file.name
        case .unreadable(let name, _): name
        }
    }

    /// Looks at the file that is to be served at a path; `target` is where every link leads, if that is known already.
    init(path: ModulePath, file name: String, target: String? = nil) {
        self.path = path
        do throws(CatalogError) {
            let target = if let target { target } else { try FileSystem.resolved(name) }
            origin = .file(FileOnDisk(name: name, target: target, facts: try FileSystem.facts(at: target)))
        } catch {
            origin = .unreadable(name: name, error)
        }
    }

    /// Bytes that the program brings along.
    init(path: ModulePath, embedded bytes: [UInt8]) {
        self.path = path
        origin = .embedded(bytes)
    }

    /// Whether its file was written so lately, by the clock that stamps files, in nanoseconds since 1970, that a
    /// further change might not show.
    ///
    /// The system stamps a file with a clock that stands still for some milliseconds, so two changes can have one time.
    func isFresh(at now: Int64) -> Bool {
        guard case .file(let file) = origin, !isOfAtomicVolume else { return false }
        return file.facts.isFresh(at: now)
    }

    /// Whether its bytes are never changed where they are: Kubernetes writes each state of a ConfigMap or Secret into a
    /// directory of its own, whose name begins with two dots, and moves a link (`atomic_writer.go`).
    var isOfAtomicVolume: Bool {
        guard case .file(let file) = origin else { return false }
        return file.target.split(separator: "/").contains { $0.hasPrefix("..") && $0.count > 2 }
    }
}
