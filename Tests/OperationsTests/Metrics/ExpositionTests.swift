// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Metrics
import Operations
import Synchronization
import Testing

/// Against prometheus.io, "Exposition formats", "Text-based format".
@Suite("The metrics' text")
struct ExpositionTests {
    private let registry = PrometheusRegistry()

    @Test("is one group of lines for each family, with its type first, in a stable order")
    func groups() {
        Counter(label: "b_total", dimensions: [("x", "2"), ("a", "1")], factory: registry).increment(by: 3)
        Meter(label: "a", factory: registry).set(-1.5)
        Counter(label: "b_total", dimensions: [("x", "1")], factory: registry).increment()
        #expect(
            Scrape(registry).lines.filter { !$0.contains("wasm_server_") } == [
                "# TYPE a gauge",
                "a -1.5",
                "# TYPE b_total counter",
                #"b_total{a="1",x="2"} 3"#,
                #"b_total{x="1"} 1"#,
            ]
        )
        #expect(Scrape(registry).text.hasSuffix("\n"))
        #expect(Scrape(registry).text == Scrape(registry).text)
    }

    @Test("tells what a family means")
    func help() {
        let lines = Scrape(registry).lines
        #expect(
            lines == [
                """
                # HELP wasm_server_metric_series_dropped_total Series that are not exposed because there are too many or \
                their name is unusable.
                """,
                "# TYPE wasm_server_metric_series_dropped_total counter",
                "wasm_server_metric_series_dropped_total 0",
            ]
        )
    }

    // "label_value can be any sequence of UTF-8 characters, but the backslash (\), double-quote ("), and line feed (\n)
    // characters have to be escaped as \\, \", and \n, respectively."
    @Test(
        "escapes the values of labels",
        arguments: [
            (#"C:\DIR\FILE.TXT"#, #"C:\\DIR\\FILE.TXT"#),
            ("Cannot find file:\n\"FILE.TXT\"", #"Cannot find file:\n\"FILE.TXT\""#),
            ("é {},=", "é {},="),
            ("\r\n", "\r\\n"),
        ]
    )
    func escapes(value: String, text: String) {
        Meter(label: "m", dimensions: [("x", value)], factory: registry).set(1)
        #expect(Scrape(registry).text.utf8.starts(with: "# TYPE m gauge\nm{x=\"\(text)\"} 1\n".utf8))
    }

    // "A value is a float represented as required by Go's ParseFloat() function. In addition to standard numerical
    // values, NaN, +Inf, and -Inf are valid values."
    @Test(
        "spells every number",
        arguments: [
            (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (0, "0"), (1_700_000_000, "1700000000"),
            (0.25, "0.25"), (1e300, "1e+300"),
        ]
    )
    func numbers(value: Double, text: String) {
        Meter(label: "m", factory: registry).set(value)
        #expect(Scrape(registry).samples(of: "m") == ["m \(text)"])
    }

    // "The bucket with label {le="+Inf"} must exist. Its value must be identical to the value of x_count." "The buckets
    // of a histogram […] must appear in increasing numerical order of their label values".
    @Test("counts durations in cumulative buckets, in seconds")
    func histogram() {
        let timer = Timer(label: "t_seconds", dimensions: [("x", "1")], factory: registry)
        for milliseconds in [1, 2, 200, 60_000] { timer.recordMilliseconds(milliseconds) }
        #expect(
            Scrape(registry).lines.prefix(11) == [
                "# TYPE t_seconds histogram",
                #"t_seconds_bucket{x="1",le="0.001"} 1"#,
                #"t_seconds_bucket{x="1",le="0.01"} 2"#,
                #"t_seconds_bucket{x="1",le="0.1"} 2"#,
                #"t_seconds_bucket{x="1",le="1"} 3"#,
                #"t_seconds_bucket{x="1",le="5"} 3"#,
                #"t_seconds_bucket{x="1",le="10"} 3"#,
                #"t_seconds_bucket{x="1",le="30"} 3"#,
                #"t_seconds_bucket{x="1",le="+Inf"} 4"#,
                #"t_seconds_sum{x="1"} 60.203"#,
                #"t_seconds_count{x="1"} 4"#,
            ]
        )
    }

    @Test("adds up durations that are longer together than 64 bits of nanoseconds, which are 292 years")
    func longDurations() {
        let timer = Timer(label: "t_seconds", factory: registry)
        for _ in 0..<2 { timer.recordNanoseconds(.max) }
        #expect(Scrape(registry)["t_seconds_sum"] == 0x1p64 / 1e9)
        #expect(Scrape(registry)["t_seconds_count"] == 2)
    }

    @Test("adds up what several threads count, in one series for one name")
    func concurrency() async {
        let counter = Counter(label: "c_total", factory: registry)
        let meter = Meter(label: "m", factory: registry)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment(by: 2)
                        Counter(label: "c_total", factory: registry).increment()
                        meter.increment(by: 3)
                        meter.decrement(by: 2)
                    }
                }
            }
        }
        #expect(Scrape(registry)["c_total"] == 24_000)
        #expect(Scrape(registry)["m"] == 8000)
    }

    @Test("leaves out and counts what cannot be exposed")
    func unusable() {
        for name in ["", "1a", "a-b", "a.b", "ä"] { Counter(label: name, factory: registry).increment() }
        for label in ["", "1", "a-b", "a:b", "__a", "le"] {
            Counter(label: "c_total", dimensions: [(label, "x")], factory: registry).increment()
        }
        Counter(label: "c_total", dimensions: [("a", "1"), ("a", "2")], factory: registry).increment()
        Meter(label: "m", factory: registry).set(1)
        Counter(label: "m", factory: registry).increment()
        Counter(label: "m", dimensions: [("a", "1")], factory: registry).increment()
        #expect(Scrape(registry)["wasm_server_metric_series_dropped_total"] == 14)
        #expect(Scrape(registry).lines.count == 5)
    }

    @Test("has an end, and room again when something is destroyed")
    func bound() {
        let limit = PrometheusRegistry.maximumSeriesCount
        let counters = (0..<limit + 5).map {
            Counter(label: "c_total", dimensions: [("x", "\($0)")], factory: registry)
        }
        for counter in counters { counter.increment() }
        #expect(Scrape(registry).samples(of: "c_total").count == limit)
        #expect(Scrape(registry)["wasm_server_metric_series_dropped_total"] == 5)
        // Destroying what is not exposed makes no room, nor does it take another's away.
        counters[limit].destroy()
        counters[0].destroy()
        Meter(label: "m", factory: registry).set(7)
        Meter(label: "n", factory: registry).set(7)
        #expect(Scrape(registry)["m"] == 7)
        #expect(Scrape(registry)["n"] == nil)
        #expect(Scrape(registry).samples(of: "c_total").count == limit - 1)
    }
}
