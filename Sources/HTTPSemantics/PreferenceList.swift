// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What a client prefers, as `Accept`, `Accept-Encoding` and `Accept-Language` say it: things with weights (RFC 9110
/// §12.4.2, §12.5).
struct PreferenceList {
    /// How many members count; what stands behind them is not read.
    ///
    /// Browsers send a dozen. Each is compared with each variant, so a client may not make many of them.
    static let maximumCount = 64

    /// The members that can be read; one that is malformed is left out, like one that names what nobody knows.
    let members: [Member]

    /// Reads a field's value, in linear time.
    init(parsing value: String) {
        var rest = value[...]
        var members: [Member] = []
        var count = 0
        while !rest.isEmpty, count < Self.maximumCount {
            let text = rest.takePart(endingAt: UInt8(ascii: ",")).trimmingWhiteSpace()
            // Empty elements are no members (RFC 9110 §5.6.1.2).
            guard !text.isEmpty else { continue }
            count += 1
            if let member = Member(text) { members.append(member) }
        }
        self.members = members
    }

    /// The weight of the member that fits best; nil if none does.
    ///
    /// - Parameter fit: How well a member fits, the higher the better; nil if it does not. Of equals, the first counts.
    /// - Returns: Its weight, in thousandths.
    func weight(fitting fit: (Member) -> Int?) -> Int? {
        var best: (fit: Int, weight: Int)?
        for member in members {
            guard let fit = fit(member), best.map({ $0.fit < fit }) ?? true else { continue }
            best = (fit, member.weight)
        }
        return best?.weight
    }
}

extension PreferenceList {
    /// One thing that a client names, and how much it likes that.
    struct Member {
        /// A parameter, in lowercase.
        struct Parameter: Equatable {
            let name: String
            let value: String
        }

        /// The weight of what has none (RFC 9110 §12.4.2).
        static let fullWeight = 1000

        /// A media range, a coding or a language range, in lowercase: all of them are case-insensitive.
        let name: String
        /// The parameters but the weight.
        let parameters: [Parameter]
        /// In thousandths; 0 means that it is not acceptable.
        let weight: Int

        /// Reads a member: something, and parameters behind semicolons (RFC 9110 §5.6.6), of which `q` is the weight wherever it
        /// stands (§12.5.1).
        init?(_ text: Substring) {
            var rest = text
            name = rest.takePart(endingAt: UInt8(ascii: ";")).trimmingWhiteSpace().inLowercase
            var parameters: [Parameter] = []
            var weight: Int?
            while !rest.isEmpty {
                let part = rest.takePart(endingAt: UInt8(ascii: ";")).trimmingWhiteSpace()
                guard !part.isEmpty else { continue }
                guard let parameter = Parameter(part) else { return nil }
                if parameter.name != "q" {
                    parameters.append(parameter)
                } else {
                    guard weight == nil, let value = Self.weight(parameter.value) else { return nil }
                    weight = value
                }
            }
            (self.parameters, self.weight) = (parameters, weight ?? Self.fullWeight)
        }

        /// `qvalue`: from 0 to 1, with at most three digits behind the point (RFC 9110 §12.4.2).
        private static func weight(_ text: String) -> Int? {
            let bytes = Array(text.utf8)
            guard (1...5).contains(bytes.count), bytes.count == 1 || bytes[1] == UInt8(ascii: ".") else { return nil }
            var (weight, unit) = (0, fullWeight)
            for byte in bytes[..<1] + bytes.dropFirst(2) {
                guard byte.isDigit else { return nil }
                weight += Int(byte - UInt8(ascii: "0")) * unit
                unit /= 10
            }
            return weight <= fullWeight ? weight : nil
        }
    }
}

extension PreferenceList.Member.Parameter {
    /// Reads a parameter, whose value may be quoted (RFC 9110 §5.6.4, §5.6.6).
    fileprivate init?(_ text: Substring) {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex else { return nil }
        name = text[..<equals].inLowercase
        let value = text[equals...].utf8.dropFirst()
        guard value.first == UInt8(ascii: "\"") else {
            self.value = Substring(value).inLowercase
            return
        }
        guard value.count > 1, value.last == UInt8(ascii: "\"") else { return nil }
        var (unquoted, isEscaped): ([UInt8], Bool) = ([], false)
        for byte in value.dropFirst().dropLast() {
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if !isEscaped { unquoted.append(byte) }
        }
        self.value = Substring(decoding: unquoted, as: UTF8.self).inLowercase
    }
}

extension Substring {
    /// With ASCII letters in lowercase.
    fileprivate var inLowercase: String {
        String(decoding: utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// Takes off what stands before a delimiter that is not quoted, and the delimiter; all, if there is none.
    fileprivate mutating func takePart(endingAt delimiter: UInt8) -> Substring {
        var (isQuoted, isEscaped) = (false, false)
        let end = utf8.firstIndex { byte in
            guard !isEscaped else {
                isEscaped = false
                return false
            }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            isEscaped = isQuoted && byte == UInt8(ascii: "\\")
            return !isQuoted && byte == delimiter
        }
        defer { self = end.map { self[utf8.index(after: $0)...] } ?? self[endIndex...] }
        return self[..<(end ?? endIndex)]
    }
}
