// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleInspection
internal import WasmBinary

/// What `inspect` prints of a module for scripts (`docs/schemas/inspect.schema.json`): names of members do not change.
struct InspectionDocument: Encodable {
    struct Tool: Encodable {
        let name: String
        let version: String?
    }

    struct Made: Encodable {
        let languages: [Tool]
        let tools: [Tool]
        let sdks: [Tool]
        let guess: String?
        let targetFeatures: [String]
    }

    struct Memory: Encodable {
        let minimumPages: UInt64
        let maximumPages: UInt64?
    }

    struct SectionEntry: Encodable {
        let kind: String
        let name: String?
        let size: Int
        let count: Int
    }

    struct Owner: Encodable {
        let name: String?
        let size: Int
        let functions: Int
    }

    struct Item: Encodable {
        let index: Int
        let name: String?
        let size: Int
    }

    /// How many there are of something, what they take, and the largest of them.
    struct Items: Encodable {
        let count: Int
        let size: Int
        let largest: [Item]
    }

    struct Use: Encodable {
        let capability: String
        let description: String
        let imports: [String]
    }

    struct Entry: Encodable {
        let name: String
        let description: String
    }

    struct Export: Encodable {
        let name: String
        let kind: String
    }

    let file: String
    let sha256: String
    let size: Int
    let name: String?
    let abi: String?
    let abiExports: [String]
    let madeWith: Made
    let memories: [Memory]
    let features: [String]
    let start: String?
    let sections: [SectionEntry]
    let owners: [Owner]
    let functions: Items
    let importedFunctions: Int
    let data: Items
    let capabilities: [Use]
    let callbacks: [Entry]
    let otherExports: [Export]
    let debugSize: Int
    let nameSize: Int
    let precompiledSections: [String]
    let remarks: [String]

    /// The document of a file.
    init(of file: InspectedFile, top: Int) {
        let module = file.inspection
        self.file = file.name
        sha256 = "\(file.digest)"
        size = module.size
        name = module.name
        abi = module.abiVersion
        abiExports = module.abiVersions
        madeWith = Made(module.toolchain)
        memories = module.memories.map { Memory(minimumPages: $0.minimum, maximumPages: $0.maximum) }
        features = module.features.map { "\($0)" }
        start = module.start
        sections = module.sections.map {
            SectionEntry(kind: "\($0.kind)", name: $0.kind == .custom ? $0.name : nil, size: $0.size, count: $0.count)
        }
        owners = module.owners.prefix(top).map { Owner(name: $0.name, size: $0.size, functions: $0.count) }
        functions = Items(module.functions.map { Item(index: $0.index, name: $0.name, size: $0.size) }, top: top)
        importedFunctions = module.importedFunctionCount
        data = Items(module.data.map { Item(index: $0.index, name: $0.name, size: $0.size) }, top: top)
        capabilities = module.capabilities.map {
            Use(capability: $0.capability.rawValue, description: $0.capability.words, imports: $0.imports)
        }
        callbacks = module.callbacks.map { Entry(name: $0.name, description: $0.meaning) }
        otherExports = module.otherExports.map { Export(name: $0.name, kind: $0.kind) }
        debugSize = module.debugSections.reduce(0) { $0 + $1.size }
        nameSize = module.nameSectionSize
        precompiledSections = module.precompiledSections.map(\.name)
        remarks = module.advice
    }

    /// The document, without a line feed at its end.
    var json: String { JSONDocument.text(of: self) }
}

extension InspectionDocument.Made {
    fileprivate init(_ toolchain: Toolchain) {
        func tools(_ tools: [Toolchain.Tool]) -> [InspectionDocument.Tool] {
            tools.map { InspectionDocument.Tool(name: $0.name, version: $0.version) }
        }
        languages = tools(toolchain.languages)
        self.tools = tools(toolchain.tools)
        sdks = tools(toolchain.sdks)
        guess = toolchain.guess
        targetFeatures = toolchain.targetFeatures
    }
}

extension InspectionDocument.Items {
    fileprivate init(_ items: [InspectionDocument.Item], top: Int) {
        count = items.count
        size = items.reduce(0) { $0 + $1.size }
        largest = Array(items.sorted { ($1.size, $0.index) < ($0.size, $1.index) }.prefix(top))
    }
}
