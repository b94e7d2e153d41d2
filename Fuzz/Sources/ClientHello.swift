// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import HTTPTransport

extension FuzzTarget {
    /// What a client of TLS sends first, and which protocols it offers.
    static let clientHello = FuzzTarget("client-hello") { (input: [UInt8]) in
        let progress = read(input, portion: input.count)
        for portion in [1, 3, 16] {
            require(read(input, portion: portion) == progress, "it does not matter how \(input) is cut")
        }
        guard case .complete(let hello) = progress else { return }
        require(hello.count <= ClientHelloReader.maximumSize && hello.count < input.count, "it is bounded")
        guard let offered = OfferedProtocols(clientHello: hello.span) else { return }
        let size = offered.names.reduce(0) { $0 + 1 + $1.count }
        require(!offered.names.isEmpty && offered.names.allSatisfy { !$0.isEmpty }, "there are names")
        require(size <= hello.count, "\(offered.names) is in \(hello)")
        // Eight names and what stands between them; the most that becomes of a byte is an escape of six characters.
        require(offered.text.utf8.count <= 9 * (32 * 6 + 5), "\(offered.text) has a length that a log bears")
        require(offered.text.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "\(offered.text) is printable")
    }

    private static func read(_ bytes: [UInt8], portion: Int) -> ClientHelloReader.Progress {
        var reader = ClientHelloReader()
        for start in stride(from: 0, to: bytes.count, by: max(portion, 1)) {
            let progress = reader.read(Array(bytes[start..<min(start + portion, bytes.count)]).span)
            guard progress == .incomplete else { return progress }
        }
        return .incomplete
    }
}
