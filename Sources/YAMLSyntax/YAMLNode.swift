// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A value in a text of YAML, as it is written: what its scalars mean is for a schema to say (YAML 1.2.2 §3.2.1).
package enum YAMLNode: Sendable {
    case scalar(YAMLScalar)
    case sequence(YAMLSequence)
    case mapping(YAMLMapping)

    /// The line in which it begins, from 1; of what an alias stands for, where that begins.
    package var line: Int {
        switch self {
        case .scalar(let scalar): scalar.line
        case .sequence(let sequence): sequence.line
        case .mapping(let mapping): mapping.line
        }
    }

    /// The scalar; nil if it is a collection.
    package var scalar: YAMLScalar? { if case .scalar(let scalar) = self { scalar } else { nil } }

    /// The elements of the list; none if it is something else.
    package var elements: [YAMLNode] { if case .sequence(let sequence) = self { sequence.elements } else { [] } }

    /// The mapping; nil if it is something else.
    package var mapping: YAMLMapping? { if case .mapping(let mapping) = self { mapping } else { nil } }
}

/// A piece of text.
package struct YAMLScalar: Sendable {
    /// What it says, without quotes and escapes.
    package let text: String
    /// Whether it has neither quotes nor `|` or `>`, so that it may stand for something else than text.
    package let isPlain: Bool
    /// The tag that it has been given; nil if it has none.
    package let tag: YAMLTag?
    /// The line in which it begins, from 1.
    package let line: Int

    /// Whether it is YAML's way to write nothing (YAML 1.2.2 §10.3.2).
    package var isNull: Bool {
        tag == .null || (tag == nil && isPlain && ["", "~", "null", "Null", "NULL"].contains(text))
    }
}

/// A list.
package struct YAMLSequence: Sendable {
    package let elements: [YAMLNode]
    /// The tag that it has been given; nil if it has none.
    package let tag: YAMLTag?
    /// The line in which it begins, from 1.
    package let line: Int
}

/// Keys, all of them text and no two alike, and their values.
package struct YAMLMapping: Sendable {
    /// A key and its value.
    package struct Member: Sendable {
        package let key: YAMLScalar
        package let value: YAMLNode
    }

    /// In the order in which they are written.
    package let members: [Member]
    /// The tag that it has been given; nil if it has none.
    package let tag: YAMLTag?
    /// The line in which it begins, from 1.
    package let line: Int
}

/// What a node has been said to be (YAML 1.2.2 §3.2.1.2).
package struct YAMLTag: RawRepresentable, Hashable, Sendable {
    /// The whole tag: `tag:yaml.org,2002:str` for `!!str`.
    package let rawValue: String

    /// A tag by its whole name.
    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    // The core schema's (§10.3.1).
    package static let null = Self(rawValue: "tag:yaml.org,2002:null")
    package static let bool = Self(rawValue: "tag:yaml.org,2002:bool")
    package static let int = Self(rawValue: "tag:yaml.org,2002:int")
    package static let float = Self(rawValue: "tag:yaml.org,2002:float")
    package static let str = Self(rawValue: "tag:yaml.org,2002:str")
    package static let seq = Self(rawValue: "tag:yaml.org,2002:seq")
    package static let map = Self(rawValue: "tag:yaml.org,2002:map")
}
