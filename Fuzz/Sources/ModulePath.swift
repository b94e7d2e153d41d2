// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import ModuleCatalog
@testable internal import WasmService

extension FuzzTarget {
    /// The path of a file below a source, on its way to being a URL.
    static let modulePath = FuzzTarget("module-path") { text in
        guard let path = try? ModulePath(text) else { return }
        let components = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = components.allSatisfy { !$0.isEmpty && $0.first != UInt8(ascii: ".") }
        require(isPlain, "no component of \(path) is empty, hidden, `.` or `..`")
        let isReserved = components.count > 1 && ["sha256", "v2"].contains { components[0].elementsEqual($0.utf8) }
        require(!isReserved, "\(path) does not lie below a reserved component")
        require(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "\(path) has no control character")
        require(!path.name.isEmpty && path.version != "", "\(path) has a name, and a version that is not empty or none")

        let isURL = path.urlPath.utf8.allSatisfy { byte in
            Character(Unicode.Scalar(byte)).isASCII && (byte > 0x20 && byte < 0x7f)
                && !"\"<>\\^`{|}?#".utf8.contains(byte)
        }
        require(isURL, "\(path.urlPath) is the path of a URL (RFC 3986 §3.3)")
        guard case .name(let name) = RequestPath(decoding: path.urlPath) else {
            fatalError("\(path.urlPath) can be asked for")
        }
        require(name.utf8.elementsEqual("/\(text)".utf8), "\(path.urlPath) leads to \(path)")
    }
}
