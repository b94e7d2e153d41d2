// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a function is of that no host offers, by how toolchains name theirs.
enum ForeignImport {
    /// Of wasm-bindgen, which expects a JavaScript host.
    case wasmBindgen
    /// Of Go's own port to JavaScript (`GOOS=js`).
    case goForJavaScript
    /// Of AssemblyScript.
    case assemblyScript
    /// Of C++ exceptions, as Emscripten does them in JavaScript.
    case cxxExceptions
    /// Of WASI, and hosts have never offered it.
    case wasi
    /// Of whatever is linked at run time.
    case unresolved

    /// Recognizes an import.
    init(_ item: ImportList.Item) {
        let (module, name) = (item.module.text, item.name.text)
        self =
            if module == "wbg" || module.hasPrefix("__wbindgen") || name.hasPrefix("__wbindgen") {
                .wasmBindgen
            } else if module == "gojs" || module == "go" {
                .goForJavaScript
            } else if module == HostFunctions.environmentModule, ["abort", "trace", "seed"].contains(name) {
                .assemblyScript
            } else if name.hasPrefix("__cxa_") || name.hasPrefix("invoke_") || name == "__resumeException" {
                .cxxExceptions
            } else if module.hasPrefix("wasi") {
                .wasi
            } else {
                .unresolved
            }
    }

    /// How it is built without.
    var remedy: String {
        switch self {
        case .wasmBindgen:
            "build it without wasm-bindgen: leave out what needs a JavaScript host, such as the feature js of its crates"
        case .goForJavaScript: "build it by GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared"
        case .assemblyScript: "build it with the SDK's own functions, such as by asc --use abort=…"
        case .cxxExceptions:
            "build it with -fno-exceptions, or with -fwasm-exceptions for all of its code and libraries"
        case .wasi: "build it without what calls that function"
        case .unresolved: "link it with the library that has that function, or build it without what calls it"
        }
    }
}
