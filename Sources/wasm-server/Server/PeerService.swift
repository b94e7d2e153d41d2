// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleCatalog
internal import Peers
internal import ServiceLifecycle

/// The peers of this server: asked before it is ready, now and then, and when it is asked for a digest that it does not have.
struct PeerService: Service {
    /// How often it is seen what they have begun to serve.
    private static let period = Duration.seconds(10)
    /// How long taking that over may take.
    private static let followTimeout = Duration.seconds(30)

    /// Looks for digests, while the service runs.
    let search: PeerSearch
    /// Asks them what their operations ports tell.
    let documentRound: DocumentRound

    private let listingRound: ListingRound
    private let adoption: Adoption
    private let adoptTimeout: Duration

    /// The peers that settings name.
    ///
    /// - Parameters:
    ///   - settings: Where they are.
    ///   - defaultPort: The port of those that name none.
    ///   - instance: Tells this process from them.
    ///   - own: Where this process is found among them.
    ///   - security: Gives the TLS context of each connection to them; nil for none.
    ///   - catalog: Serves what they give.
    ///   - observer: Is told how it goes.
    init(
        _ settings: PeerSettings,
        defaultPort: Int,
        instance: String,
        own: OwnAddresses,
        security: PeerClient.Security?,
        catalog: LiveCatalog,
        observer: any PeerObserver
    ) {
        let client = PeerClient(instance: instance, security: security)
        let callers = RecentCallers()
        let directory = PeerDirectory(
            names: settings.names,
            defaultPort: defaultPort,
            callers: callers,
            observer: observer
        )
        // Operations ports speak plain HTTP.
        documentRound = DocumentRound(directory: directory, client: PeerClient(instance: instance, security: nil))
        listingRound = ListingRound(
            directory: directory,
            client: client,
            instance: instance,
            own: own,
            observer: observer
        )
        search = PeerSearch(
            listingRound: listingRound,
            callers: callers,
            client: client,
            store: catalog,
            observer: observer
        )
        adoption = Adoption(listingRound: listingRound, client: client, store: catalog, observer: observer)
        adoptTimeout = settings.adoptTimeout
    }

    /// Takes over what they have, for as long as is allowed.
    func adopt() async {
        await adoption.adopt(within: adoptTimeout)
    }

    /// Looks for digests, and takes over what peers begin to serve, until a graceful shutdown reaches it, when nobody
    /// asks any more.
    func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await search.run() }
                group.addTask { await follow() }
            }
        }
    }

    private func follow() async {
        while (try? await Task.sleep(for: Self.period)) != nil {
            if adoptTimeout > .zero {
                await adoption.follow(within: Self.followTimeout)
            } else {
                await listingRound.learnOperationsPorts()
            }
        }
    }
}
