// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// The names in a module as people write them, and what its functions add up to by them.
struct ModuleNames {
    private let section: NameSection?
    private let exports: [Int: Range<Int>]
    /// What made the module.
    let toolchain: Toolchain
    /// The module's own name.
    let module: String?
    /// What the functions take, by what they belong to; the largest first.
    private(set) var owners: [OwnerSize] = []
    private var effort = 0

    /// The most bytes of a name that is read.
    private static let longestName = 4096

    /// The names of a module.
    init(_ anatomy: ModuleAnatomy, _ bytes: Span<UInt8>) {
        (section, exports) = (anatomy.names, anatomy.exportedNames)
        toolchain = Toolchain(of: anatomy, bytes)
        module = anatomy.names?.module.map { bytes.text($0, most: Self.longestName) }
    }

    /// The name of a function, or that by which it is exported; nil if the module has none for it.
    mutating func name(of function: Int, _ bytes: Span<UInt8>) -> FunctionName? {
        guard let range = section?.function(function) ?? exports[function] else { return nil }
        return FunctionName(range.prefix(Self.longestName).map { bytes[$0] }, isGo: toolchain.isGo, effort: &effort)
    }

    /// The functions that have a body; ``owners`` are known when they are.
    mutating func functions(of anatomy: ModuleAnatomy, _ bytes: Span<UInt8>) -> [FunctionSize] {
        var functions: [FunctionSize] = []
        var sums: [String?: OwnerSize] = [:]
        functions.reserveCapacity(anatomy.bodies.count)
        for (offset, body) in anatomy.bodies.enumerated() {
            let index = anatomy.importedFunctionCount + offset
            let name = name(of: index, bytes)
            functions.append(FunctionSize(index: index, name: name?.text, size: body.count))
            sums[name?.owner, default: OwnerSize(name: name?.owner, size: 0, count: 0)].add(body.count)
        }
        owners = sums.values.sorted { ($1.size, $0.name ?? "") < ($0.size, $1.name ?? "") }
        return functions
    }

    /// The data segments.
    func data(of anatomy: ModuleAnatomy, _ bytes: Span<UInt8>) -> [DataSize] {
        anatomy.segments.enumerated().map { index, range in
            let name = section?.dataSegment(index).map { bytes.text($0, most: Self.longestName) }
            return DataSize(index: index, name: name, size: range.count)
        }
    }
}

extension OwnerSize {
    fileprivate mutating func add(_ size: Int) {
        self.size += size
        count += 1
    }
}
