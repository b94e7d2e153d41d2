// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Asks every sibling once which digests it can give.
package struct RollCall: Sendable {
    /// Where a sibling lists its modules.
    private static let path = "/modules"

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
        return await withTaskGroup(of: (Sibling, Result<[UInt8], SiblingError>).self) { group in
            for sibling in members.siblings {
                group.addTask { (sibling, await document(of: sibling)) }
            }
            var heardAll = members.areAll
            // One document is parsed at a time: it takes a multiple of its size.
            for await (sibling, document) in group {
                do throws(SiblingError) {
                    let list = try SiblingList(try document.get())
                    guard list.instance != instance else { continue }
                    heardAll = heardAll && list.isComplete
                    observer.siblingsDid(.listed(sibling, count: list.entries.count))
                    hear(sibling, list.entries)
                } catch {
                    heardAll = false
                    observer.siblingsDid(.listFailed(sibling, error))
                }
            }
            return heardAll
        }
    }

    private func document(of sibling: Sibling) async -> Result<[UInt8], SiblingError> {
        do throws(SiblingError) {
            return .success(
                try await client.get(
                    Self.path,
                    from: sibling,
                    within: deadline,
                    lengths: 0...SiblingList.maximumSize
                ) { content throws(SiblingError) in
                    try await content.all()
                }
            )
        } catch {
            return .failure(error)
        }
    }
}
