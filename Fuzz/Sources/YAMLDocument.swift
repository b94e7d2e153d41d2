// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import YAMLSyntax

extension FuzzTarget {
    /// A text of YAML, up to what it says; limits are small, so that they are met.
    static let yamlDocument = FuzzTarget("yaml-document") { (text: String) in
        let limits = YAMLLimits(size: 4096, extent: 600)
        let lines = 1 + text.count(where: \.isNewline)
        do throws(YAMLError) {
            guard let root = try YAMLReader.document(in: text, limits: limits) else { return }
            require(root.extent(level: 1, lines: lines) <= limits.extent, "it stands for no more than it may")
        } catch {
            require(error.reason.contains("; "), "\(error.reason) has a remedy")
            require((1...lines).contains(error.line ?? 1), "\(error) is about a line of the text")
        }
    }
}

extension YAMLNode {
    /// How much a node stands for; traps unless it keeps to the levels, and to the lines of its text.
    fileprivate func extent(level: Int, lines: Int) -> Int {
        require(level <= YAMLLimits.levels, "there are \(YAMLLimits.levels) levels at most")
        require((1...lines).contains(line), "\(line) is a line of the text")
        switch self {
        case .scalar(let scalar): return 1 + scalar.text.utf8.count
        case .sequence(let sequence):
            return sequence.elements.reduce(1) { $0 + $1.extent(level: level + 1, lines: lines) }
        case .mapping(let mapping):
            let keys = mapping.members.map { Array($0.key.text.utf8) }
            require(Set(keys).count == keys.count, "no two keys are alike")
            return mapping.members.reduce(1) {
                $0 + 1 + $1.key.text.utf8.count + $1.value.extent(level: level + 1, lines: lines)
            }
        }
    }
}
