// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Sizes and numbers as people read them.
package enum SizeText {
    /// A number of bytes with three digits or so: `9.2 MiB`, `812 B`.
    package static func human(_ bytes: Int) -> String {
        var (value, units) = (Double(bytes.magnitude), ["B", "KiB", "MiB", "GiB"][...])
        while value >= 999.5, units.count > 1 {
            value /= 1024
            units = units.dropFirst()
        }
        guard let unit = units.first, unit != "B" else { return "\(bytes.magnitude) B" }
        return value < 9.95 ? "\(tenths(value)) \(unit)" : "\(Int(value.rounded())) \(unit)"
    }

    /// A difference, with its sign: `+1.2 KiB`.
    package static func difference(_ bytes: Int) -> String { (bytes < 0 ? "-" : "+") + human(bytes) }

    /// A number with its digits in groups: `9,659,561`.
    package static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// How many there are of something: `1 function`, `4,841 functions`.
    package static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? one : many ?? "\(one)s")"
    }

    /// A part of a whole in per cent: `64.1 %`.
    package static func share(_ part: Int, of whole: Int) -> String {
        let share = whole == 0 ? 0 : Double(part) / Double(whole) * 100
        return part > 0 && share < 0.05 ? "< 0.1 %" : "\(tenths(share)) %"
    }

    /// How much something has grown, in per cent: `+2.2 %`; nil if it was nothing before.
    package static func growth(from old: Int, to new: Int) -> String? {
        guard old > 0 else { return nil }
        let share = Double(new - old) / Double(old) * 100
        return "\(share < 0 ? "-" : "+")\(tenths(share.magnitude)) %"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
