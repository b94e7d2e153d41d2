// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration

/// Every text is gone through once, from its start to its end: whoever writes it may have pasted anything.
extension CoreSchema {
    /// A number, as JSON writes it (RFC 8259 §6); nil if the text is none.
    static func number(_ text: String) throws(Rejection) -> String? {
        // Most text is told apart here.
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return nil }
        var unsigned = NumberScan(text)
        let sign = unsigned.sign()
        if infinities.contains(String(unsigned.rest)) || (sign.isEmpty && notNumbers.contains(text)) {
            throw Rejection(reason: "is not a number in JSON; write another one, or put it in quotes")
        }
        if let decimal = Decimal(sign: sign, unsigned) { return try json(decimal) }
        if sign.isEmpty, let whole = try whole(unsigned) { return whole }
        guard !isEarlier(unsigned) else {
            throw Rejection(
                reason: "is a number to YAML 1.1 and text to YAML 1.2; write another one, or put it in quotes"
            )
        }
        return nil
    }

    private static let infinities = [".inf", ".Inf", ".INF"]
    private static let notNumbers = [".nan", ".NaN", ".NAN"]

    /// An integer or a floating-point number: `[-+]?[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?`, with a digit before the exponent.
    private struct Decimal {
        let sign: Substring
        let whole: Substring
        /// What follows the point; nil if there is none.
        let decimals: Substring?
        /// With its letter; empty if there is none.
        let exponent: Substring

        init?(sign: Substring, _ unsigned: NumberScan) {
            var scan = unsigned
            self.sign = sign
            whole = scan.run(NumberScan.digits)
            decimals = scan.take(".") ? scan.run(NumberScan.digits) : nil
            exponent = scan.rest
            guard !whole.isEmpty || decimals?.isEmpty == false else { return nil }
            guard !scan.isAtEnd else { return }
            guard scan.take("e") || scan.take("E") else { return nil }
            _ = scan.sign()
            guard !scan.run(NumberScan.digits).isEmpty, scan.isAtEnd else { return nil }
        }
    }

    private static func json(_ decimal: Decimal) throws(Rejection) -> String {
        let (whole, decimals, exponent) = (decimal.whole, decimal.decimals, decimal.exponent)
        let isInteger = decimals == nil && exponent.isEmpty
        guard !isInteger || whole == "0" || whole.utf8.first != UInt8(ascii: "0") else {
            throw Rejection(
                reason: "is octal to YAML 1.1 and decimal to YAML 1.2; leave the zeros out, or put it in quotes"
            )
        }
        let digits = whole.drop { $0 == "0" }
        let point = decimals.map { $0.isEmpty ? ".0" : ".\($0)" } ?? ""
        let number = "\(decimal.sign == "-" ? "-" : "")\(digits.isEmpty ? "0" : digits)\(point)\(exponent)"
        guard PluginConfiguration.isInRange(number) else {
            throw Rejection(
                reason: "is beyond what readers of JSON can hold; write another number, or put it in quotes"
            )
        }
        return number
    }

    /// An integer in octal or hexadecimal: `0o[0-7]+`, `0x[0-9a-fA-F]+`.
    private static func whole(_ unsigned: NumberScan) throws(Rejection) -> String? {
        var scan = unsigned
        guard scan.take("0") else { return nil }
        let isHexadecimal = scan.take("x")
        guard isHexadecimal || scan.take("o") else { return nil }
        let digits = scan.run(isHexadecimal ? NumberScan.hexadecimal : NumberScan.octal)
        guard !digits.isEmpty, scan.isAtEnd else { return nil }
        guard let number = UInt64(digits, radix: isHexadecimal ? 16 : 8) else {
            throw Rejection(reason: "is a large number; write it in decimal")
        }
        return "\(number)"
    }

    /// Whether it is a number to YAML 1.1 alone (https://yaml.org/type/int.html, https://yaml.org/type/float.html): in binary,
    /// with a sign in hexadecimal, with underscores, and in base 60.
    private static func isEarlier(_ unsigned: NumberScan) -> Bool {
        var scan = unsigned
        if scan.take("0"), scan.take("b") || scan.take("x") {
            let isBinary = unsigned.rest.dropFirst().first == "b"
            let digits = scan.run(isBinary ? NumberScan.binary + "_" : NumberScan.hexadecimal + "_")
            return !digits.isEmpty && scan.isAtEnd
        }
        scan = unsigned
        guard !scan.run(NumberScan.digits).isEmpty else { return false }
        scan.run(NumberScan.digits + "_")
        var isBase60 = false
        while scan.take(":") {
            isBase60 = true
            let digits = scan.run(NumberScan.digits)
            guard digits.utf8.count == 1 || (digits.utf8.count == 2 && digits < "60") else { return false }
        }
        if scan.take(".") { scan.run(NumberScan.digits + "_") }
        if !isBase60, scan.take("e") || scan.take("E") {
            guard !scan.sign().isEmpty, !scan.run(NumberScan.digits).isEmpty else { return false }
        }
        return scan.isAtEnd
    }
}

/// Goes through a text that may be a number, without ever going back.
struct NumberScan {
    static let digits = "0123456789"
    static let binary = "01"
    static let octal = "01234567"
    static let hexadecimal = "0123456789abcdefABCDEF"

    /// What has not been gone through.
    private(set) var rest: Substring

    init(_ text: String) {
        rest = text[...]
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { rest.isEmpty }

    /// Takes a sign; empty if there is none.
    mutating func sign() -> Substring {
        let first = rest.utf8.prefix(1)
        guard first.elementsEqual("-".utf8) || first.elementsEqual("+".utf8) else { return "" }
        rest = rest[first.endIndex...]
        return Substring(first)
    }

    /// Takes one character of ASCII if it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let next = rest.unicodeScalars.first, next == character else { return false }
        rest.unicodeScalars.removeFirst()
        return true
    }

    /// Takes what consists of some characters of ASCII.
    @discardableResult
    mutating func run(_ characters: String) -> Substring {
        let run = rest.utf8.prefix { characters.utf8.contains($0) }
        rest = rest[run.endIndex...]
        return Substring(run)
    }
}
