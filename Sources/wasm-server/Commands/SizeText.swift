// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Sizes as people read them.
enum SizeText {
    /// A number of bytes with three digits or so: `9.2 MiB`, `812 B`.
    static func human(_ bytes: Int) -> String {
        var (value, units) = (Double(bytes.magnitude), ["B", "KiB", "MiB", "GiB"][...])
        while value >= 999.5, units.count > 1 {
            value /= 1024
            units = units.dropFirst()
        }
        guard let unit = units.first, unit != "B" else { return "\(bytes.magnitude) B" }
        return value < 9.95 ? "\(tenths(value)) \(unit)" : "\(Int(value.rounded())) \(unit)"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
