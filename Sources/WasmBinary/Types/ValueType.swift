// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A type of values, in four bytes: operands are compared by millions.
///
///     valtype ::= numtype | vectype | reftype        (spec §5.3.1 – §5.3.5)
package struct ValueType: Hashable, Sendable {
    /// A number below 16, or a reference: this bit, ``nullable`` and the heap type.
    let bits: UInt32

    static let reference: UInt32 = 1 << 31
    static let nullable: UInt32 = 1 << 30

    init(bits: UInt32) { self.bits = bits }

    /// A reference to a heap type.
    init(_ heap: HeapType, isNullable: Bool) {
        bits = Self.reference | (isNullable ? Self.nullable : 0) | heap.code
    }

    /// What an instruction behind an unconditional branch leaves: any type (spec §3.3.1, `bot`).
    static let bottom = ValueType(bits: 0)
    package static let i32 = ValueType(bits: 1)
    package static let i64 = ValueType(bits: 2)
    package static let f32 = ValueType(bits: 3)
    package static let f64 = ValueType(bits: 4)
    package static let v128 = ValueType(bits: 5)
    /// Only in fields of structures and arrays.
    static let i8 = ValueType(bits: 6)
    /// Only in fields of structures and arrays.
    static let i16 = ValueType(bits: 7)
    package static let funcref = ValueType(.function, isNullable: true)
    package static let externref = ValueType(.external, isNullable: true)
    static let exnref = ValueType(.exception, isNullable: true)
    static let i31ref = ValueType(.i31, isNullable: false)
    static let anyref = ValueType(.any, isNullable: true)
    static let eqref = ValueType(.equal, isNullable: true)
    static let arrayref = ValueType(.array, isNullable: true)

    var isReference: Bool { bits & Self.reference != 0 }
    /// Whether it is a reference that may be null.
    package var isNullable: Bool { bits & Self.nullable != 0 }
    /// Whether a local of this type needs no value to begin with (spec §3.2.17, defaultable).
    var isDefaultable: Bool { !isReference || isNullable }
    /// Whether V8's C interface knows it, which hosts use to see what a module takes and gives: a number, or a reference to any
    /// function or external value.
    package var isKnownToHosts: Bool {
        isReference ? heap == .function || heap == .external : [.i32, .i64, .f32, .f64].contains(self)
    }

    /// The heap type of a reference.
    var heap: HeapType { HeapType(code: bits & HeapType.mask) }
    /// What a field of this type is on the stack (spec §2.3.9, unpacking).
    var unpacked: ValueType { isPacked ? .i32 : self }
    var isPacked: Bool { self == .i8 || self == .i16 }

    func withoutNull() -> ValueType { ValueType(bits: bits & ~Self.nullable) }
}

/// What a reference refers to: an abstract kind, or a type of the module (spec §5.3.3).
struct HeapType: Hashable, Sendable {
    /// The canonical index of a type, or ``firstAbstract`` and more.
    let code: UInt32

    static let mask: UInt32 = 0x00ff_ffff
    private static let firstAbstract: UInt32 = 0x00ff_ff00

    init(code: UInt32) { self.code = code }

    /// A type of the module, by its canonical index.
    init(type: Int) { code = UInt32(truncatingIfNeeded: type) }

    static let function = HeapType(code: firstAbstract)
    static let noFunction = HeapType(code: firstAbstract + 1)
    static let external = HeapType(code: firstAbstract + 2)
    static let noExternal = HeapType(code: firstAbstract + 3)
    static let any = HeapType(code: firstAbstract + 4)
    static let equal = HeapType(code: firstAbstract + 5)
    static let i31 = HeapType(code: firstAbstract + 6)
    static let structure = HeapType(code: firstAbstract + 7)
    static let array = HeapType(code: firstAbstract + 8)
    static let none = HeapType(code: firstAbstract + 9)
    static let exception = HeapType(code: firstAbstract + 10)
    static let noException = HeapType(code: firstAbstract + 11)
    /// What a reference that code behind an unconditional branch takes refers to: anything (spec appendix, `Ref(Bot)`).
    static let bottom = HeapType(code: firstAbstract + 12)

    /// The canonical index of the type; nil if it is abstract.
    var type: Int? { code < Self.firstAbstract ? Int(code) : nil }

    /// The abstract types by their bytes (spec §5.3.2).
    static let abstract: [UInt8: HeapType] = [
        0x69: exception, 0x6a: array, 0x6b: structure, 0x6c: i31, 0x6d: equal, 0x6e: any, 0x6f: external,
        0x70: function,
        0x71: none, 0x72: noExternal, 0x73: noFunction, 0x74: noException,
    ]
}

extension ValueType: CustomStringConvertible {
    /// As the text format writes it (spec §6.4).
    package var description: String {
        guard isReference else {
            return switch self {
            case .i32: "i32"
            case .i64: "i64"
            case .f32: "f32"
            case .f64: "f64"
            case .v128: "v128"
            case .i8: "i8"
            case .i16: "i16"
            default: "any type"
            }
        }
        return isNullable && heap.type == nil ? heap.shorthand : "(ref \(isNullable ? "null " : "")\(heap))"
    }
}

extension HeapType: CustomStringConvertible {
    var description: String {
        if let type { return "\(type)" }
        return Self.names[self] ?? "?"
    }

    /// The name of a nullable reference to it.
    fileprivate var shorthand: String {
        switch self {
        case .none: "nullref"
        case .noFunction: "nullfuncref"
        case .noExternal: "nullexternref"
        case .noException: "nullexnref"
        default: "\(self)ref"
        }
    }

    private static let names: [HeapType: String] = [
        function: "func", noFunction: "nofunc", external: "extern", noExternal: "noextern", any: "any", equal: "eq",
        i31: "i31", structure: "struct", array: "array", none: "none", exception: "exn", noException: "noexn",
        bottom: "any type",
    ]
}
