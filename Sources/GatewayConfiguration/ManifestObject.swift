// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import YAMLSyntax

/// One object of a file of manifests: a resource of Kubernetes, an entry of Consul, or what Envoy itself reads.
struct ManifestObject {
    /// What names a kind or an object is no longer; names in Kubernetes have 253 characters at most.
    private static let longestName = 253

    /// All of it.
    let node: YAMLNode
    /// Its kind, as it is written; nil if it says none.
    let kind: String?
    /// Its group in the API and the version of that, as they are written: `networking.istio.io/v1alpha3`; nil if it says none.
    let apiVersion: String?

    /// The object that a document, or an element of a list, is.
    ///
    /// - Parameters:
    ///   - node: All of it.
    ///   - list: What a list says of its elements, which need not say it themselves then.
    init(_ node: YAMLNode, in list: (kind: String, apiVersion: String?)? = nil) {
        self.node = node
        let text = { (name: String) in node.member(name)?.scalar.flatMap { $0.isNull ? nil : $0.text } }
        let (kind, apiVersion) = (text("kind"), text("apiversion"))
        let isOfList = kind == nil && node.mapping != nil
        self.kind = isOfList ? list?.kind : kind
        self.apiVersion = isOfList ? apiVersion ?? list?.apiVersion : apiVersion
    }

    /// Whether it is a list of objects, as an API answers and `kubectl get` prints.
    var isList: Bool { kind?.hasSuffix(Self.listSuffix) == true && node.member("items") != nil }

    /// What it says of its elements, if it is a list of one kind; nil of one of any kinds, whose elements say it themselves.
    var elements: (kind: String, apiVersion: String?)? {
        guard let kind, kind.hasSuffix(Self.listSuffix), kind != Self.listSuffix else { return nil }
        return (String(kind.dropLast(Self.listSuffix.count)), apiVersion)
    }

    private static let listSuffix = "List"

    /// The group in the API whose objects of this kind gateways are configured by; nil for a kind that is known nowhere.
    private var expectedGroup: String? {
        switch kind {
        case "WasmPlugin", "TrafficExtension": "extensions.istio.io"
        case "EnvoyFilter": "networking.istio.io"
        case "EnvoyExtensionPolicy": "gateway.envoyproxy.io"
        default: nil
        }
    }

    /// Why no gateway is configured by it, though its kind says so; nil if nothing is wrong with that.
    var misnomer: String? {
        guard let expectedGroup, let kind, let apiVersion else { return nil }
        let group = apiVersion.prefix { $0 != "/" }
        guard group != expectedGroup else { return nil }
        return
            "is no \(kind) of \(expectedGroup), but of \(apiVersion.abbreviated(to: Self.longestName)), which configures no gateway"
    }

    /// What kind of object it is, for people.
    var title: String {
        if let kind { return kind.abbreviated(to: Self.longestName) }
        guard node.mapping != nil else { return "text" }
        if node.member("env") != nil { return "environment" }
        let isBootstrap = node.member("static_resources") != nil || node.member("dynamic_resources") != nil
        return isBootstrap ? "Envoy bootstrap" : "Envoy configuration"
    }

    /// Its kind, namespace and name, for people.
    var description: String {
        let metadata = node.member("metadata")
        let name = (metadata?.member("name") ?? node.member("name"))?.scalar?.text
        guard kind != nil, let name else { return title }
        let namespace = (metadata?.member("namespace") ?? node.member("namespace"))?.scalar?.text
        return
            "\(title) \((namespace.map { [$0, name] } ?? [name]).map { $0.abbreviated(to: Self.longestName) }.joined(separator: "/"))"
    }
}

extension YAMLNode {
    /// The value of a member, however its name is spelled: `http_uri` in snake case, `httpUri` or `httpURI` in that of JSON, `HttpURI` as
    /// Consul has it (https://protobuf.dev/programming-guides/json/).
    ///
    /// What a merge brings in counts, too, unless the mapping has a member of that name itself (https://yaml.org/type/merge.html).
    func member(_ name: String) -> YAMLNode? {
        if let value = ownMember(name) { return value }
        for member in mapping?.members ?? [] where member.key.isMerge {
            let merged = member.value.mapping == nil ? member.value.elements : [member.value]
            for mapping in merged { if let value = mapping.member(name) { return value } }
        }
        return nil
    }

    /// The value of a member that is written in the mapping itself.
    func ownMember(_ name: String) -> YAMLNode? { mapping?.members.first { $0.key.isSpelled(name) }?.value }
}

extension YAMLScalar {
    /// Whether it stands for the members of its value.
    var isMerge: Bool { text == "<<" && isPlain && tag == nil }

    /// Whether it is a name of small letters, but for underscores and for letters being large.
    func isSpelled(_ name: String) -> Bool {
        var rest = name.utf8.makeIterator()
        for byte in text.utf8 where byte != UInt8(ascii: "_") {
            var next = rest.next()
            if next == UInt8(ascii: "_") { next = rest.next() }
            guard let next, next == (byte.isUppercaseLetter ? byte | 0x20 : byte) else { return false }
        }
        return rest.next() == nil
    }
}
