// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ProxyWasm

@testable internal import ModuleCatalog
@testable internal import WasmService

extension FuzzTarget {
    /// A request target: its path and query, the decoding of the path, and what it leads to.
    static let requestTarget = FuzzTarget("request-target") { target in
        let parts = RequestTarget(target)
        let request = Request(method: .get, target: parts)
        let path = request.path.utf8
        require(!path.contains(UInt8(ascii: "?")), "a path ends before the query")
        let whole = request.path + (request.query.map { "?\($0)" } ?? "")
        if target.utf8.first == UInt8(ascii: "/") {
            require(whole.utf8.elementsEqual(target.utf8), "a target in origin-form is its path and its query")
        } else if let authority = parts.authority {
            require(path.first == UInt8(ascii: "/"), "a target in absolute-form has a path")
            require(target.utf8.contains("://\(authority)".utf8), "the authority follows the scheme")
        } else {
            require(whole.utf8.elementsEqual(target.utf8), "a target in no known form is kept as it is")
        }
        guard
            case .now(let response) = service.respond(
                to: request,
                from: ClientAddress(.init(ipv4: 0xc000_0201), port: 5)
            )
        else { return }
        let status = response.head.status
        switch RequestPath(decoding: request.path) {
        case .malformed:
            require(status == .badRequest, "what cannot be decoded is answered with 400, not \(status)")
        case .name(let name):
            require(name.utf8.first == UInt8(ascii: "/"), "\(name) begins with a slash")
            require(name.utf8.count <= path.count, "decoding makes nothing longer")
            require(name.utf8.count { $0 == 0x2f } == path.count { $0 == 0x2f }, "decoding makes no slash")
            let isServed = served.contains { $0.utf8.elementsEqual(name.utf8) }
            require(status == (isServed ? .ok : .notFound), "\(status) for \(name)")
        }
    }

    private static let names = ["plugin.wasm", "ai-proxy/1.0.0/plugin.wasm", "caf\u{e9}/K.wasm"]

    /// Every path that leads anywhere, as text; nothing else does.
    private static let served: [String] = {
        let digest = Digest(of: module).hexadecimal
        let modules = (names + ["sha256/\(digest).wasm"]).map { "/\($0)" }
        return modules + modules.map { "\($0).sha256" } + ["/modules", "/health"]
    }()

    private static let module: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

    /// Held by its own name: the tables of ``service`` hold it in enumerations, in whose pointers the leak sanitizer sees none.
    private static let blob: SealedBlob = {
        do {
            var writer = try SealedBlobWriter()
            try writer.append(module.span)
            return try writer.seal()
        } catch {
            fatalError("the module of this target can be sealed: \(error)")
        }
    }()

    private static let service: WasmResponder = {
        do {
            let modules = try names.map { name in
                Module(
                    path: try ModulePath(name),
                    content: try AdmittedBlob(blob, by: AdmissionPolicy(by: []), named: name),
                    modified: nil,
                    origin: name,
                    source: 0,
                    since: 0
                )
            }
            let snapshot = Snapshot(modules: modules, kept: [], rejected: [])
            return WasmService(serving: snapshot) { HTTPDate(seconds: 0) }.responder()
        } catch {
            fatalError("the modules of this target can be served: \(error)")
        }
    }()
}
