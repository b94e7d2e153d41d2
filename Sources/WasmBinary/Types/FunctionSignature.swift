// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a function takes and gives (spec §2.3.8), whatever module it is of.
package struct FunctionSignature: Hashable, Sendable, CustomStringConvertible {
    /// The types of its parameters, in their order.
    package let parameters: [ValueType]
    /// The types of its results, in their order.
    package let results: [ValueType]

    /// A signature of parameters and results.
    package init(_ parameters: [ValueType], _ results: [ValueType]) {
        (self.parameters, self.results) = (parameters, results)
    }

    /// As Envoy's log writes it: `i32 i64 -> i32`, and `void` for nothing.
    package var description: String { "\(Self.text(parameters)) -> \(Self.text(results))" }

    /// The most types that are named one by one: a function may have a thousand parameters.
    private static let mostNamed = 16

    private static func text(_ types: [ValueType]) -> String {
        guard !types.isEmpty else { return "void" }
        let named = types.prefix(mostNamed).map { "\($0)" }.joined(separator: " ")
        return types.count > mostNamed ? "\(named) and \(types.count - mostNamed) more" : named
    }
}

extension CoreModule.ItemType {
    fileprivate var functionIndex: Int? { if case .function(let index) = self { Int(index) } else { nil } }
}

extension CoreModule {
    /// What an imported function takes and gives; nil if it is no function.
    package func signature(of import: Import) -> FunctionSignature? { signature(of: `import`.type) }

    /// What an exported function takes and gives; nil if it is no function.
    package func signature(of export: Export) -> FunctionSignature? { signature(of: export.type) }

    /// The index of an imported function's type; nil if it is no function.
    package func typeIndex(of import: Import) -> Int? { `import`.type.functionIndex }

    /// The index of an exported function's type; nil if it is no function.
    package func typeIndex(of export: Export) -> Int? { export.type.functionIndex }

    /// Whether an imported function has a type as version 1 of the language has them: final, alone in its recursion group, below none.
    package func hasPlainType(_ import: Import) -> Bool {
        guard let index = typeIndex(of: `import`) else { return true }
        let type = types.types[Int(types.canonical[index])]
        return type.isFinal && type.isAlone && type.supertype == nil
    }

    private func signature(of type: ItemType) -> FunctionSignature? {
        guard case .function(let index) = type, let function = types.function(Int(index)) else { return nil }
        return FunctionSignature(
            Array(types.pool[function.parameters.range]),
            Array(types.pool[function.results.range])
        )
    }
}
