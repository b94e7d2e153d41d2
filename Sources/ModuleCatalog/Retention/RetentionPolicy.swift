// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content

/// How long and how much is kept of what is no longer current.
package struct RetentionPolicy: Hashable, Sendable {
    /// How long after it was last current or fetched, in seconds; 0 keeps nothing.
    package let time: Int64
    /// The memory for all of it, with what it takes to serve it, in bytes.
    package let memory: Int
    /// The most modules: each holds a descriptor.
    package let count: Int
    /// What memory is given out in, in bytes: 4 KiB on most machines, and 64 KiB on some of ARM.
    let page: Int

    /// A policy from its parts.
    package init(time: Int64, memory: Int, count: Int) {
        self.init(time: time, memory: memory, count: count, page: platform_page_size())
    }

    /// A policy on a machine whose pages have a size.
    init(time: Int64, memory: Int, count: Int, page: Int) {
        (self.time, self.memory, self.count, self.page) = (time, memory, count, page)
    }

    /// The largest module that can be kept, in bytes; 0 if none can.
    package var largest: Int {
        time > 0 && count > 0 ? max(memory - overhead, 0) / page * page : 0
    }

    /// The part of the memory that only searches fill, in bytes.
    var soughtMemory: Int { memory / 4 }

    /// The part of the modules that only searches bring.
    var soughtCount: Int { count / 4 }

    /// Whether it is time to tell the observer when modules were last used: one was used much later than it knows.
    ///
    /// The times are those of ``ClockReading/uptime``; much is more than a minute, a 1440th of the time, or a tenth of
    /// it where that is less.
    func isOverdue(_ uses: [Digest: Int64], told: [Digest: Int64]) -> Bool {
        let precision = max(time / 1440, min(60, time / 10))
        return uses.contains { digest, use in use - told[digest, default: use] > precision }
    }

    /// The earliest time of last use that is believed of what a peer still keeps, by ``ClockReading/uptime``.
    ///
    /// It leaves a tenth of the time, so that clocks that differ do not make a module go as soon as it has come.
    func earliestUse(at now: ClockReading) -> Int64 { now.uptime - time / 10 * 9 }

    /// How much memory it takes to keep and serve a module of so many bytes.
    func memory(of count: Int) -> Int { (count + page - 1) / page * page + overhead }

    /// What a module takes beside its bytes: the page in front of them, and prepared answers and entries of tables, as measured.
    private var overhead: Int { page + (20 << 10) }
}
