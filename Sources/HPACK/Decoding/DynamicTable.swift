// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The fields that a header block refers to because an earlier one had them (RFC 7541 §2.3.2).
///
/// All octets are in one array, in the order in which they came, a field's name before its value. What is evicted leaves a gap
/// at its start; the rest is moved there when the end is reached and the gap is half of the array, so an octet is moved once
/// on average, and each field lies in one piece. Before the first field there is no memory.
struct DynamicTable: Sendable {
    /// Where a field lies; the value follows the name.
    private struct Entry {
        var start: UInt32
        let name: UInt16
        let value: UInt16

        var count: Int { Int(name) + Int(value) }
    }

    /// The most that a table may be allowed, in octets, as entries have lengths of 16 bits.
    static let largestSize = Int(UInt16.max)
    /// What an entry counts besides its octets (RFC 7541 §4.1).
    private static let overhead = 32
    /// The least octets and entries for which there is memory, once there is any: what most clients need.
    private static let leastCapacity = (octets: 256, entries: 8)

    /// The octets of all entries, in which ``place(of:)`` says where a field lies.
    private(set) var octets: [UInt8] = []
    /// Where the octets of the youngest entry end.
    private var end = 0
    /// The entries, the oldest first, behind some that are evicted already.
    private var entries: [Entry] = []
    private var evicted = 0
    /// What its entries count together (RFC 7541 §4.1).
    private(set) var size = 0
    /// The most that they may (RFC 7541 §4.2).
    private(set) var maximumSize: Int

    init(maximumSize: Int) {
        self.maximumSize = maximumSize
    }

    /// How many fields there are.
    var count: Int { entries.count - evicted }

    /// Where the name and the value of a field lie in ``octets``, the youngest of which has index 0; nil if there is none.
    @inline(__always)
    func place(of index: Int) -> (name: Range<Int>, value: Range<Int>)? {
        guard index < count else { return nil }
        let entry = entries[entries.count - 1 - index]
        let start = Int(entry.start)
        let middle = start + Int(entry.name)
        return (start..<middle, middle..<middle + Int(entry.value))
    }

    /// Evicts what a smaller table does not hold (RFC 7541 §4.3).
    mutating func resize(to size: Int) {
        maximumSize = size
        evict(downTo: size)
    }

    /// Adds a field, which lies in one piece, its name first; one that is too large empties the table (RFC 7541 §4.4).
    mutating func insert(_ field: Span<UInt8>, nameLength: Int) {
        let added = field.count + Self.overhead
        evict(downTo: maximumSize - added)
        guard added <= maximumSize else { return }
        makeRoom(for: field.count)
        octets.copy(field, to: end)
        if entries.isEmpty { entries.reserveCapacity(Self.leastCapacity.entries) }
        entries.append(Entry(start: UInt32(end), name: UInt16(nameLength), value: UInt16(field.count - nameLength)))
        end += field.count
        size += added
    }

    private mutating func evict(downTo limit: Int) {
        while size > limit, evicted < entries.count {
            size -= entries[evicted].count + Self.overhead
            evicted += 1
        }
        // All that is moved is less than what has been evicted since it was moved last.
        guard evicted > entries.count / 2 else { return }
        entries.removeFirst(evicted)
        evicted = 0
        if entries.isEmpty { end = 0 }
    }

    private mutating func makeRoom(for count: Int) {
        guard count > octets.count - end else { return }
        let start = evicted < entries.count ? Int(entries[evicted].start) : end
        let live = end - start
        if live + count > octets.count / 2 {
            var larger = [UInt8](repeating: 0, count: max(2 * (live + count), Self.leastCapacity.octets))
            larger.copy(octets.span.extracting(start..<end), to: 0)
            octets = larger
        } else {
            octets.move(start..<end, to: 0)
        }
        for index in evicted..<entries.count { entries[index].start -= UInt32(start) }
        end = live
    }
}
