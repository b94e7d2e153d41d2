// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import YAMLSyntax

/// What a file of gateways' configuration says of modules: manifests of Kubernetes or Consul, or what Envoy itself reads.
package struct ManifestFile: Sendable {
    /// What a gateway gets from somewhere else than a server of modules.
    package struct OtherSource: Hashable, Sendable {
        /// Where it stands.
        package let place: ManifestPlace
        /// What it is, in words that follow the place.
        package let reason: String
    }

    /// How large a file may be: hundreds of objects as `kubectl get` prints them, each with all that the cluster adds.
    package static let limits = YAMLLimits(size: 8 << 20, extent: 16 << 20)

    /// The file, as it was named.
    package let name: String
    /// Where it names modules at a server, each place once.
    package private(set) var references: [ModuleReference] = []
    /// Where it names what no server of modules has.
    package private(set) var otherSources: [OtherSource] = []
    /// What seems to configure a gateway, and does not.
    package private(set) var misnomers: [OtherSource] = []
    /// How many objects of each kind name nothing of either, the first kind first.
    package private(set) var otherKinds: [(kind: String, count: Int)] = []

    /// Whether it names no module, wherever that is to come from.
    package var namesNothing: Bool { references.isEmpty && otherSources.isEmpty }

    // What an alias stands for is written once, and found everywhere.
    private var known: Set<ModuleReference> = []
    private var knownSources: Set<OtherSource> = []
    private var indices: [String: Int] = [:]

    /// Reads a text of YAML, or JSON as YAML reads it, with any number of documents; those of JSON may follow each other without a marker.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - name: What the file is called in messages.
    ///   - limits: How much it may be.
    /// - Throws: ``YAMLError`` where it cannot be read, or where a value that matters cannot be told.
    package init(_ text: String, named name: String, limits: YAMLLimits = limits) throws(YAMLError) {
        self.name = name
        for document in try Self.documents(in: text, limits: limits) { try read(document) }
    }

    private static func documents(in text: String, limits: YAMLLimits) throws(YAMLError) -> [YAMLNode] {
        do throws(YAMLError) {
            return try YAMLReader.documents(in: text, limits: limits)
        } catch {
            guard text.utf8.count <= limits.size, let marked = JSONSequence.marked(text) else { throw error }
            let size = max(limits.size, marked.utf8.count)
            return try YAMLReader.documents(in: marked, limits: YAMLLimits(size: size, extent: limits.extent))
        }
    }

    /// Reads a document: an object, a list of those as an API answers and `kubectl get` prints it, or nothing.
    private mutating func read(
        _ node: YAMLNode,
        in list: (kind: String, apiVersion: String?)? = nil
    ) throws(YAMLError) {
        if node.scalar?.isNull == true { return }
        if case .sequence(let list) = node {
            for element in list.elements { try read(element) }
            return
        }
        let object = ManifestObject(node, in: list)
        if object.isList {
            let items = node.member("items")?.elements ?? []
            for item in items { try read(item, in: object.elements) }
            if items.isEmpty { count("empty \(object.title)") }
            return
        }
        if let misnomer = object.misnomer {
            let place = ManifestPlace(object: object.description, file: name, line: node.line)
            let source = OtherSource(place: place, reason: misnomer)
            if knownSources.insert(source).inserted { misnomers.append(source) }
            return
        }
        var search = ModuleSearch(in: object, of: name)
        try search.run()
        for reference in search.references where known.insert(reference).inserted { references.append(reference) }
        for source in search.otherSources where knownSources.insert(source).inserted { otherSources.append(source) }
        if search.references.isEmpty, search.otherSources.isEmpty { count(object.title) }
    }

    private mutating func count(_ kind: String) {
        if let index = indices[kind] {
            otherKinds[index].count += 1
        } else {
            indices[kind] = otherKinds.count
            otherKinds.append((kind, 1))
        }
    }
}
