// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import ServerClient
internal import ServerInterface

extension ServedModules {
    /// Who is behind an origin.
    enum Occupants {
        /// Servers of modules.
        case servers(ServedModules)
        /// Something else, which answers.
        case strangers
        /// Nobody that answers.
        case nobody
    }

    /// Asks every address of an origin for its list, as the probe does, and tells of those that have none.
    ///
    /// - Parameters:
    ///   - client: Asks them.
    ///   - isNamed: Whether a person has named the origin, who knows then that a Wasm Server is meant to be there.
    ///   - results: Take what is wrong.
    /// - Returns: Who answers.
    static func load(
        with client: ServerClient,
        isNamed: Bool,
        _ results: Results
    ) async -> Occupants {
        let origin = client.origin.description
        let addresses: [SocketAddress]
        do throws(FetchError) {
            addresses = try await client.addresses()
        } catch {
            let elsewhere: Remedy =
                "run this where the gateways are, or name the server by a URL that leads to it from here"
            results.add(.init(.failed, origin, "\(error)", isNamed ? error.remedy : elsewhere))
            return .nobody
        }
        var served = ServedModules(client)
        var isAnswered = false
        for address in addresses.prefix(Probe.mostAddresses) {
            do throws(FetchError) {
                let request = FetchRequest(ModuleIndex.path, limit: ModuleIndex.maximumSize)
                let response = try await client.fetch(request, from: address)
                isAnswered = true
                if response.status == 200, let index = ModuleIndex(response.body) {
                    served.add(index, at: address)
                } else {
                    results.add(await strangeness(of: response, at: address, client, isNamed: isNamed))
                }
            } catch {
                let mistake = await client.mistake(at: address, after: error)
                isAnswered = isAnswered || mistake != nil || error.isOfAServer
                let (words, remedy) = (mistake?.words ?? "\(error)", mistake?.remedy ?? error.remedy)
                results.add(.init(.failed, "\(origin) at \(address.place)", words, remedy))
            }
        }
        if addresses.count > Probe.mostAddresses {
            results.add(
                .init(.skipped, origin, "\(addresses.count - Probe.mostAddresses) more addresses than are asked")
            )
        }
        guard served.count > 0 else { return isAnswered ? .strangers : .nobody }
        results.add(.init(.ok, origin, served.count == 1 ? "answers" : "answers at \(served.count) addresses"))
        return .servers(served)
    }

    /// What is wrong with an answer that is no list of modules.
    ///
    /// Gateways may have modules from anywhere, so where nobody has named it a stranger is no failure.
    private static func strangeness(
        of response: FetchedResponse,
        at address: SocketAddress,
        _ client: ServerClient,
        isNamed: Bool
    ) async -> ProbeResult {
        let subject = "\(client.origin) at \(address.place)"
        if let mistake = await client.mistake(at: address, after: nil) {
            return ProbeResult(.failed, subject, mistake.words, mistake.remedy)
        }
        if response.status == 403 { return ProbeResult(.failed, subject, response.words, response.remedyOfDenial) }
        let what = "is not a Wasm Server: /modules is no list of modules"
        return ProbeResult(isNamed ? .failed : .skipped, subject, what, isNamed ? .nameDataPort : nil)
    }
}
