// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What is often found where a module should be, because of the way in which it got there.
struct ForeignContent: Hashable, Sendable {
    /// What it is, in words that follow "is".
    let name: String
    /// What to do.
    let remedy: String

    init(_ name: String, remedy: String) {
        self.name = name
        self.remedy = remedy
    }

    /// What bytes without the magic number of WebAssembly are; nil if nobody can tell.
    static func recognized(in bytes: Span<UInt8>) -> ForeignContent? {
        binary(bytes) ?? text(bytes)
    }
}

extension ForeignContent {
    /// A container or a compressed file that may hold the module.
    static func packed(_ what: String, unpackedBy command: String) -> ForeignContent {
        ForeignContent(what, remedy: "serve the .wasm file within; unpack it with \(command)")
    }

    /// Something that is made for a processor.
    static func native(_ what: String) -> ForeignContent {
        ForeignContent(
            what,
            remedy: "build for a WebAssembly target such as wasm32-wasip1, and do not compile ahead of time"
        )
    }

    /// A module that was written down as text.
    static func encoded(_ how: String, decodedBy command: String) -> ForeignContent {
        ForeignContent(
            "text, which stands for a module \(how)",
            remedy: "decode it with \(command); in a ConfigMap it belongs in binaryData"
        )
    }

    static let machO = native("a Mach-O file, a program or library for macOS")
    static let utf16 = ForeignContent(
        "text in UTF-16, as PowerShell's > writes whatever a program puts out",
        remedy: "have the program write the file itself, or copy it as bytes"
    )
    static let html = ForeignContent(
        "an HTML page",
        remedy: "a download got an error or a login page; use the raw file's URL, and curl -f, which fails on errors"
    )
    static let xml = ForeignContent(
        "an XML document",
        remedy: "a download may have got a storage service's error; read it, and use curl -f, which fails on errors"
    )
    static let json = ForeignContent(
        "a JSON document",
        remedy: "a download may have got a service's error; read it, and use curl -f, which fails on errors"
    )
    static let ociManifest = ForeignContent(
        "an OCI image's manifest or index",
        remedy: "it only names the module's layer; pull that with a tool for registries, such as oras pull"
    )
    static let gitLFSPointer = ForeignContent(
        "a Git LFS pointer, which stands for the file",
        remedy: "fetch the file itself with git lfs pull, before it is copied or built into an image"
    )
    static let wasmText = ForeignContent(
        "WebAssembly's text format (.wat)",
        remedy: "translate it with wat2wasm or wasm-tools parse"
    )
    static let pem = ForeignContent(
        "a PEM file, a certificate or a key",
        remedy: "the wrong file is mounted there; put the module there"
    )
    static let der = ForeignContent("a DER file, a certificate or a key", remedy: pem.remedy)
    static let script = ForeignContent("a script", remedy: "put there what it builds")
    static let yaml = ForeignContent(
        "a Kubernetes manifest in YAML",
        remedy: "put the module itself there, not the object that holds or names it"
    )
    static let zeros = ForeignContent(
        "nothing but zero bytes",
        remedy: "its copy was cut off, or the disk had no room; copy it again"
    )
    static let withoutZeros = ForeignContent(
        "what is left of a module when its zero bytes are lost, as in a shell's variable or $(…)",
        remedy: "copy the file itself, with cp or a redirection"
    )
    static let afterByteOrderMark = ForeignContent(
        "text with a byte order mark, as an editor or a script makes it of a module",
        remedy: "copy it as bytes"
    )
    static let plainText = ForeignContent(
        "text",
        remedy: "a download may have got an error, or a link was copied as its target's name; read it"
    )
}

extension Span<UInt8> {
    /// Whether these bytes are there at an offset.
    func starts(with prefix: some Collection<UInt8>, at offset: Int = 0) -> Bool {
        guard offset <= count, prefix.count <= count - offset else { return false }
        var index = offset
        for byte in prefix {
            guard self[index] == byte else { return false }
            index += 1
        }
        return true
    }
}
