// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Asks every sibling once which digests it can give.
package struct RollCall: Sendable {
    /// Where a sibling lists its modules.
    private static let path = "/modules"
    /// What all documents of one round may take together before they are parsed, in bytes.
    private static let maximumSize = 16 << 20
    /// What each document may take of that in any case, in bytes: about 300 modules.
    private static let share = 64 << 10

    /// A document, as long as it has not been parsed.
    private struct Document: Sendable {
        let bytes: [UInt8]
        let charge: Charge
    }

    private let directory: SiblingDirectory
    private let client: SiblingClient
    private let instance: String
    private let observer: any SiblingObserver
    private let deadline: Duration

    /// A roll call.
    ///
    /// - Parameters:
    ///   - directory: Tells who the siblings are.
    ///   - client: Asks them.
    ///   - instance: The id of this process: who has it is no sibling, but this server.
    ///   - deadline: How long a sibling may take.
    ///   - observer: Is told of every answer.
    package init(
        directory: SiblingDirectory,
        client: SiblingClient,
        instance: String,
        deadline: Duration = .seconds(1),
        observer: any SiblingObserver
    ) {
        self.directory = directory
        self.client = client
        self.instance = instance
        self.deadline = deadline
        self.observer = observer
    }

    /// Asks all of them at once.
    ///
    /// - Parameter hear: Is given each sibling's list as soon as it has come.
    /// - Returns: Whether everyone who could be a sibling has told everything.
    @concurrent
    func run(_ hear: (Sibling, [SiblingList.Entry]) -> Void) async -> Bool {
        let members = await directory.members()
        let memory = SharedBudget(Self.maximumSize - SiblingDirectory.maximumCount * Self.share)
        return await withTaskGroup(of: (Sibling, Result<Document, SiblingError>).self) { group in
            for sibling in members.siblings {
                group.addTask { (sibling, await document(of: sibling, memory)) }
            }
            var heardAll = members.areAll
            // One document is parsed at a time: it takes a multiple of its size.
            for await (sibling, document) in group {
                do throws(SiblingError) {
                    let list = try Self.list(in: try document.get())
                    guard list.instance != instance else { continue }
                    heardAll = heardAll && list.isComplete
                    observer.siblingsDid(.listed(sibling, count: list.entries.count))
                    hear(sibling, list.entries)
                } catch {
                    heardAll = false
                    if error != .cancelled { observer.siblingsDid(.listFailed(sibling, error)) }
                }
            }
            return heardAll
        }
    }

    private static func list(in document: Document) throws(SiblingError) -> SiblingList {
        defer { document.charge.end() }
        return try SiblingList(document.bytes)
    }

    private func document(of sibling: Sibling, _ memory: SharedBudget) async -> Result<Document, SiblingError> {
        let charge = Charge(on: memory)
        do throws(SiblingError) {
            let bytes = try await client.get(
                Self.path,
                from: sibling,
                within: deadline,
                lengths: 0...SiblingList.maximumSize
            ) { content throws(SiblingError) in
                try await Self.bytes(of: content, charge)
            }
            return .success(Document(bytes: bytes, charge: charge))
        } catch {
            charge.end()
            return .failure(error)
        }
    }

    /// Collects content while there is room: a sibling's share, and beyond it what others have left.
    private static func bytes(of content: SiblingContent, _ charge: Charge) async throws(SiblingError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await content.next() {
            let beyond = max(bytes.count + chunk.readableBytes - share, 0) - max(bytes.count - share, 0)
            guard charge.add(beyond) else { throw .tooLarge }
            bytes += chunk.readableBytesView
        }
        return bytes
    }
}
