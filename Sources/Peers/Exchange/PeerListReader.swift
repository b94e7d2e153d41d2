// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ServerInterface

/// Reads a peer's document at `/modules` as it comes, and keeps nothing of it but its entries.
struct PeerListReader: Sendable {
    /// What an entry takes while a document is read, in bytes: itself, its place in a table, and what both grow by.
    static let entrySize = 256
    /// The most elements that are looked at, whether they can be used or not.
    private static let maximumLookedAt = 2 * PeerList.maximumCount

    /// A member that may be looked for.
    private enum Member: Equatable, Sendable {
        case ofIndex(ModuleIndex.CodingKeys)
        case ofEntry(ModuleIndex.Entry.CodingKeys)

        /// The member of a name, which is the index's in the document itself, and an entry's further below.
        init?(_ name: [UInt8]?, at depth: Int) {
            guard let name else { return nil }
            let text = String(decoding: name, as: UTF8.self)
            let member =
                depth == 1
                ? ModuleIndex.CodingKeys(rawValue: text).map(Self.ofIndex)
                : ModuleIndex.Entry.CodingKeys(rawValue: text).map(Self.ofEntry)
            guard let member else { return nil }
            self = member
        }
    }

    private var scanner = JSONScanner()
    private var depth = 0
    /// The name that came last, if it is of the index or of an entry.
    private var member: Member?
    private var isInModules = false
    private var hasModules = false
    private var lookedAt = 0
    private var candidate = Candidate()

    private var instance: String?
    private var operationsPort: Int?
    private var entries: [PeerList.Entry] = []
    private var places: [Digest: Int] = [:]

    /// How many digests have come so far.
    var count: Int { entries.count }

    /// Whether as much was read as is read of any document.
    private(set) var isFull = false

    /// Reads what has come.
    ///
    /// - Throws: ``PeerError/malformed(_:)`` if it is not JSON, or not a list.
    mutating func read(_ bytes: Span<UInt8>) throws(PeerError) {
        do throws(JSONError) {
            var scanner = scanner
            for index in bytes.indices {
                guard !isFull else { break }
                try scanner.read(bytes[index]) { event throws(JSONError) in try take(event) }
            }
            self.scanner = scanner
        } catch {
            throw Self.malformed
        }
    }

    /// The list, once everything has come, or as much as is read.
    ///
    /// - Throws: ``PeerError/malformed(_:)`` if something is missing.
    func list() throws(PeerError) -> PeerList {
        guard isFull || (scanner.isAtEnd && hasModules) else { throw Self.malformed }
        return PeerList(
            instance: instance,
            operationsPort: operationsPort.flatMap { (1...65535).contains($0) ? $0 : nil },
            entries: entries.filter(\.isCurrent) + entries.filter { !$0.isCurrent },
            isComplete: !isFull
        )
    }

    private static let malformed = PeerError.malformed("its /modules is not a list of modules in JSON")

    private mutating func take(_ event: JSONEvent) throws(JSONError) {
        // Depth 1 is in the document, 2 in its array of modules, 3 in one of them.
        guard depth > 0 || event == .beginObject else { throw JSONError() }
        let isModules = depth == 1 && member == .ofIndex(.modules)
        if case .name(let name) = event {
            member = Member(name, at: depth)
            return
        }
        guard !isModules || event == .beginArray || event == .end else { throw JSONError() }
        if isInModules, depth == 2, event != .end {
            guard lookedAt < Self.maximumLookedAt, entries.count < PeerList.maximumCount else {
                isFull = true
                return
            }
            lookedAt += 1
            candidate = Candidate()
        }
        switch event {
        case .beginObject, .beginArray:
            if isModules { (isInModules, hasModules) = (true, true) }
            depth += 1
            member = nil
        case .end:
            depth -= 1
            member = nil
            if isInModules, depth == 2, let entry = candidate.entry { add(entry) }
            if depth == 1 { isInModules = false }
        case .string(let text) where depth == 1 && member == .ofIndex(.instance):
            instance = text.map { String(decoding: $0, as: UTF8.self) }
        case .number(let number) where depth == 1 && member == .ofIndex(.operationsPort): operationsPort = number
        case .string(let text) where isInModules && depth == 3:
            note(text.map { String(decoding: $0, as: UTF8.self) })
        case .number(let number) where isInModules && depth == 3 && member == .ofEntry(.size):
            candidate.size = number
        default: break
        }
    }

    private mutating func note(_ text: String?) {
        switch member {
        case .ofEntry(.verdict): candidate.isAdmitted = text == ModuleIndex.Verdict.admitted.rawValue
        case .ofEntry(.sha256): candidate.digest = text.flatMap { Digest(hexadecimal: $0) }
        case .ofEntry(.state): candidate.isCurrent = text == ModuleIndex.State.current.rawValue
        case .ofEntry(.lastUsed): candidate.lastUsed = text
        case .ofEntry, .ofIndex, nil: break
        }
    }

    private mutating func add(_ entry: PeerList.Entry) {
        candidate = Candidate()
        if let place = places[entry.digest] {
            if entry.isCurrent, !entries[place].isCurrent { entries[place] = entry }
        } else {
            places[entry.digest] = entries.count
            entries.append(entry)
        }
    }

    /// What is known of an element so far.
    private struct Candidate: Sendable {
        var isAdmitted = false
        var digest: Digest?
        var size: Int?
        var isCurrent = false
        var lastUsed: String?

        /// The entry that it is, if it is one.
        var entry: PeerList.Entry? {
            guard isAdmitted, let digest, let size, size > 0 else { return nil }
            return PeerList.Entry(
                digest: digest,
                size: size,
                isCurrent: isCurrent,
                lastUsed: isCurrent ? nil : lastUsed.flatMap(Timestamp.seconds)
            )
        }
    }
}
