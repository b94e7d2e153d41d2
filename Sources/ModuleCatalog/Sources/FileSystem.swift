// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content

/// The few questions that a catalog asks of a file system; every failure is a ``CatalogError`` with its remedy.
enum FileSystem {
    /// What is known of a file without reading it: enough to notice that its bytes have changed.
    struct Facts: Hashable, Sendable {
        /// The kinds of file that matter here.
        enum Kind: Hashable, Sendable {
            case regular
            case directory
            case other
        }

        /// The device and the inode: equal for two names of one file.
        struct Identity: Hashable, Sendable {
            let device: UInt64
            let inode: UInt64
        }

        let identity: Identity
        let kind: Kind
        /// In bytes.
        let size: Int64
        /// When its bytes changed, in seconds and nanoseconds since 1970.
        let modified: [Int64]
        /// When its bytes or its inode changed, in seconds and nanoseconds since 1970.
        let changed: [Int64]

        init(_ facts: platform_facts) {
            identity = Identity(device: facts.device, inode: facts.inode)
            kind =
                switch facts.kind {
                case platform_regular: .regular
                case platform_directory: .directory
                default: .other
                }
            size = facts.size
            modified = [facts.modified_seconds, facts.modified_nanoseconds]
            changed = [facts.changed_seconds, facts.changed_nanoseconds]
        }
    }

    /// An open file, closed with its last user.
    final class OpenFile {
        private let descriptor: Int32
        private let path: String

        /// Opens a file; `waits` for a pipe's writer, as a command does that reads what it is given, but no source.
        init(path: String, waits: Bool = false) throws(CatalogError) {
            var facts = platform_facts()
            descriptor = unsafe waits ? platform_open_waiting(path, &facts) : platform_open(path, &facts)
            self.path = path
            guard descriptor >= 0 else { throw FileSystem.error(-descriptor, at: path) }
        }

        deinit {
            if descriptor >= 0 { platform_close(descriptor) }
        }

        /// What is known of the file now.
        func facts() throws(CatalogError) -> Facts {
            var facts = platform_facts()
            let result = unsafe platform_fstat(descriptor, &facts)
            guard result == 0 else { throw FileSystem.error(-result, at: path) }
            return Facts(facts)
        }

        /// Reads the next bytes into `buffer`; 0 at the end of the file.
        func read(into buffer: inout [UInt8]) throws(CatalogError) -> Int {
            let count = unsafe platform_read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw FileSystem.error(Int32(-count), at: path) }
            return count
        }
    }

    /// What is known of the file at a path, links followed.
    static func facts(at path: String) throws(CatalogError) -> Facts {
        var facts = platform_facts()
        let result = unsafe platform_stat(path, &facts)
        guard result == 0 else { throw error(-result, at: path) }
        return Facts(facts)
    }

    /// The first names in a directory, sorted, and one more than are wanted if there are more; bad bytes of a name that
    /// is not UTF-8 are replaced.
    static func names(in directory: String, most: Int) throws(CatalogError) -> [String] {
        final class Collector {
            var names: [String] = []
            let most: Int
            init(most: Int) { self.most = most }
        }
        let collector = Collector(most: most)
        let context = unsafe Unmanaged.passUnretained(collector).toOpaque()
        let result = unsafe platform_list(directory, context) { context, name in
            guard let context = unsafe context, let name = unsafe name else { return 0 }
            let collector = unsafe Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
            unsafe collector.names.append(String(cString: name))
            return collector.names.count <= collector.most ? 1 : 0
        }
        guard result == 0 else { throw error(-result, at: directory) }
        return collector.names.sorted()
    }

    /// The absolute path of a file with every link resolved.
    static func resolved(_ path: String) throws(CatalogError) -> String {
        var failure: Int32 = 0
        guard let resolved = unsafe platform_resolve(path, &failure) else { throw error(failure, at: path) }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// What a system call has failed with at a path.
    static func error(_ number: Int32, at path: String) -> CatalogError {
        let fault = FileFault(number)
        let code: CatalogError.Code =
            switch fault.code {
            case .missing: .missing
            case .unreadable: .unreadable
            case .exhausted: .exhausted
            }
        return CatalogError(code: code, subject: path, reason: fault.reason, remedy: fault.remedy)
    }
}
