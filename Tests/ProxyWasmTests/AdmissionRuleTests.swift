// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ProxyWasm
import TestSupport
import Testing

/// What each rule says; which modules real Envoys load is in `EnvoyVerdictTests`.
@Suite("A rule of admission")
struct AdmissionRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let host: String
        /// The rule that objects; nil if none does.
        let rule: String?
        /// What its reason contains.
        let words: String

        init(
            _ description: String,
            _ rule: String?,
            _ words: String = "",
            _ plugin: PluginModule = PluginModule(),
            for host: String = "envoy-1.40",
            _ change: (inout PluginModule) -> Void = { _ in }
        ) {
            var plugin = plugin
            change(&plugin)
            (testDescription, bytes, self.host, self.rule, self.words) = (description, plugin.bytes, host, rule, words)
        }
    }

    /// An import of a table.
    private static func table(_ type: [UInt8]) -> [UInt8] { [1, UInt8(ascii: "e"), 1, UInt8(ascii: "t"), 0x01] + type }

    /// So many tables of functions, each of ten million elements to begin with (spec §5.5.7).
    private static func tenMillions(_ count: Int) -> [UInt8] {
        Array(repeatElement([0x70, 0] + WasmModule.unsigned(10_000_000), count: count).joined())
    }

    // clients.md §1b: the imports that hosts offer, what they look for, and their limits; types as in the ABI's specification
    // (proxy-wasm/spec, abi-versions) and in WASI's (preview1).
    static let cases: [Case] = [
        Case("a plugin of ABI 0.2.1", nil),
        Case("a plugin of ABI 0.1.0", nil, "", PluginModule(abi: "proxy_abi_version_0_1_0")),
        Case("no ABI", "abi-version", "is no proxy-wasm plugin", PluginModule(abi: nil)),
        Case("an unknown ABI", "abi-version", "proxy_abi_version_0_3_0", PluginModule(abi: "proxy_abi_version_0_3_0")),
        Case("no allocator", "allocator", "malloc and proxy_on_memory_allocate", PluginModule(allocator: nil)),
        Case("the other allocator", nil, "", PluginModule(allocator: "proxy_on_memory_allocate")),
        Case("a function that hosts offer", nil) { $0.imports = [("env", "proxy_log", .words(3))] },
        Case("a name that is nearly right", "unknown-import", "did you mean env.proxy_log?") {
            $0.imports = [("env", "proxy_lgo", .words(3))]
        },
        Case("another module", "unknown-import", "wbg.__wbindgen_throw, which no host offers") {
            $0.imports = [("wbg", "__wbindgen_throw", .silent(2))]
        },
        Case(
            "a function of another ABI",
            "unknown-import",
            "to plugins of ABI 0.2.1, and it claims 0.2.0",
            PluginModule(abi: "proxy_abi_version_0_2_0")
        ) {
            $0.imports = [("env", "proxy_get_log_level", .words(1))]
        },
        Case("a function that later hosts offer", "unknown-import", "envoy-1.39 and later do", for: "envoy-1.38") {
            $0.imports = [("wasi_snapshot_preview1", "fd_sync", .words(1))]
        },
        Case("the same for a later host", nil, for: "envoy-1.39") {
            $0.imports = [("wasi_snapshot_preview1", "fd_sync", .words(1))]
        },
        Case("a function of another type", "import-type", "i32 i32 -> i32, and envoy-1.40 offers it as i32 i64 -> i32")
        {
            $0.imports = [("env", "proxy_record_metric", .words(2))]
        },
        Case("the right type, and then another", "import-type", "env.proxy_done as void -> void") {
            $0.imports = [("env", "proxy_done", .words(0)), ("env", "proxy_done", .silent(0))]
        },
        Case("a name that disturbs terminals", "unknown-import", "\\u{1B}[2J") {
            $0.imports = [("env", "\u{1b}[2J", .silent(0))]
        },
        Case("a global", "imported-global", "the global env.__memory_base") {
            $0.otherImports = [[3] + Array("env".utf8) + [13] + Array("__memory_base".utf8) + [0x03, 0x7f, 0x00]]
        },
        Case(
            "a callback with a parameter too many for ABI 0.1.0",
            "callback-signature",
            "i32 i32 i32 -> i32, and hosts call it as i32 i32 -> i32 in ABI 0.1.0",
            PluginModule(abi: "proxy_abi_version_0_1_0")
        ) {
            $0.exports.append(("proxy_on_request_headers", .words(3)))
        },
        Case("the same in ABI 0.2.1", nil) { $0.exports.append(("proxy_on_request_headers", .words(3))) },
        Case("a _start that takes something", "callback-signature", "_start") {
            $0.exports.append(("_start", .silent(1)))
        },
        Case(
            "the same beside _initialize, where no host calls it",
            "entry-point",
            "_start, which envoy-1.40 does not call beside _initialize"
        ) {
            $0.exports += [("_initialize", .silent(0)), ("_start", .silent(1))]
        },
        Case("a main without _initialize", "entry-point", "main, which envoy-1.40 does not call without _initialize") {
            $0.exports.append(("main", .words(2)))
        },
        Case(
            "a __main_void that only later hosts call",
            "entry-point",
            "__main_void, which envoy-1.38 does not call",
            for: "envoy-1.38"
        ) {
            $0.exports += [("_initialize", .silent(0)), ("__main_void", .words(0))]
        },
        Case("a callback that is misspelt", "uncalled-callback", "did you mean proxy_on_request_headers?") {
            $0.exports.append(("proxy_on_request_header", .words(3)))
        },
        Case("a memory of 1 GiB", nil) { $0.sections = [(5, [1, 0x00] + WasmModule.unsigned(16_384))] },
        Case("a larger memory", "memory", "16385 pages") {
            $0.sections = [(5, [1, 0x00] + WasmModule.unsigned(16_385))]
        },
        Case("functions without a memory", "memory-export", "neither exports nor imports a memory") {
            $0.imports = [("env", "proxy_log", .words(3))]
            $0.exportsMemory = false
        },
        Case("functions beside a memory that is not exported", "memory-export", "neither exports nor imports a memory")
        {
            $0.imports = [("env", "proxy_log", .words(3))]
            $0.exportsMemory = false
            $0.sections = [(5, [1, 0, 1])]
        },
        Case("functions beside an imported memory", nil) {
            $0.imports = [("env", "proxy_log", .words(3))]
            $0.exportsMemory = false
            $0.otherImports = [[1, UInt8(ascii: "e"), 1, UInt8(ascii: "m"), 0x02, 0x00, 1]]
        },
        // Spec §5.5.15: an active segment of memory 0 is 0, an expression (0x41 is i32.const) and its bytes.
        Case("data that fill the memory's end", nil) {
            $0.sections = [(5, [1, 0, 1]), (11, [1, 0, 0x41, 0xfe, 0xff, 0x03, 0x0b, 2, 1, 2])]
        },
        Case("data beyond the memory", "segment-bounds", "2 bytes at 65535 of a memory that begins with 65536") {
            $0.sections = [(5, [1, 0, 1]), (11, [1, 0, 0x41, 0xff, 0xff, 0x03, 0x0b, 2, 1, 2])]
        },
        Case("elements beyond the table", "segment-bounds", "1 element at 4294967295 of a table that begins with 1") {
            $0.sections = [(4, [1, 0x70, 0, 1]), (9, [1, 0, 0x41, 0x7f, 0x0b, 1, 0])]
        },
        // Spec §5.3.17: a table's type is its elements' (0x70 is funcref, 0x64 0x70 is (ref func)), 1, its least and its most.
        Case("an imported table of ten million", nil) {
            $0.otherImports = [table([0x70, 1, 1] + WasmModule.unsigned(10_000_000))]
        },
        Case("an imported table of one more", "table", "10000001 elements, and hosts give it 10000000") {
            $0.otherImports = [table([0x70, 1, 1] + WasmModule.unsigned(10_000_001))]
        },
        Case("an imported table that ends hosts", "table", "more than 2147483647 end every Envoy") {
            $0.otherImports = [table([0x70, 1, 1] + WasmModule.unsigned(1 << 31))]
        },
        Case("an imported table of references that are not null", "table", "the type (ref func)") {
            $0.otherImports = [table([0x64, 0x70, 0, 1])]
        },
        Case("tables of 60 million elements", nil) { $0.sections = [(4, [6] + tenMillions(6))] },
        Case("tables of 70 million elements", "table", "70000000 elements together") {
            $0.sections = [(4, [7] + tenMillions(7))]
        },
        Case("two imported memories", "imported-memory", "imports 2 memories") {
            $0.otherImports = ["a", "b"].map { [1] + Array($0.utf8) + [1] + Array($0.utf8) + [0x02, 0x00, 1] }
        },
        Case("native code", "native-code", "precompiled_") {
            $0.customSections = ["precompiled_wee8_v13.8_linux_x86_64"]
        },
        Case("a section that is merely called like native code", nil) { $0.customSections = ["my.precompiled_x"] },
        Case("a program that runs and ends", "entry-point", "is a WASI command") {
            $0.imports = [("wasi_snapshot_preview1", "proc_exit", .silent(1))]
            $0.exports += [("_start", .silent(0)), ("main", .words(2))]
        },
        Case("a name with a zero byte at its end", "host-names", "ends with a zero byte") {
            $0.exports.append(("x\0", .silent(0)))
        },
        Case("a name with a zero byte within", nil) { $0.exports.append(("x\0y", .silent(0))) },
        Case("a start function beside imports", "start-function", "ends its host if that calls it") {
            $0.imports = [("env", "proxy_done", .words(0))]
            $0.sections = [(8, [1])]
        },
        Case(
            "a function of the right name in another module",
            "unknown-import",
            "did you mean wasi_snapshot_preview1.fd_write?"
        ) {
            $0.imports = [("env", "fd_write", .words(4))]
        },
        Case("an import whose type is open to subtypes", "import-type", "open to subtypes") {
            $0.imports = [("env", "proxy_done", .words(0))]
            $0.importedTypePrefix = [0x50, 0]
        },
        Case("sections for debuggers", "debugging-sections", " bytes of its ") { $0.customSections = [".debug_info"] },
    ]

    @Test("objects to what real hosts do not load, and to nothing else", arguments: cases)
    func objects(_ example: Case) throws {
        let host = try #require(HostProfile(named: example.host))
        let objections = AdmissionPolicy(for: host).objections(to: try ModuleFacts(of: example.bytes.span))
        #expect(objections.map(\.rule) == (example.rule.map { [$0] } ?? []), "\(objections)")
        #expect(objections.allSatisfy { $0.reason.contains(example.words) && !$0.remedy.isEmpty }, "\(objections)")
    }

    @Test("points to what it objects to")
    func offset() throws {
        var plugin = PluginModule()
        plugin.imports = [("env", "proxy_log", .words(3)), ("env", "nothing", .silent(0))]
        let objection = try #require(AdmissionPolicy().objections(to: try ModuleFacts(of: plugin.bytes.span)).first)
        let offset = try #require(objection.offset)
        #expect(plugin.bytes[offset...].starts(with: Array("env".utf8) + [7] + Array("nothing".utf8)))
    }

    @Test("tells the first of many, and how many more there are")
    func many() throws {
        var plugin = PluginModule()
        plugin.imports = (0..<300).map { ("env", "unknown_\($0)", .silent(0)) } + [("env", "proxy_done", .silent(0))]
        let objections = AdmissionPolicy().objections(to: try ModuleFacts(of: plugin.bytes.span))
        #expect(Set(objections.map(\.rule)) == ["unknown-import", "import-type"])
        #expect(objections.count == 10)
        #expect(
            objections.contains { $0.reason.hasPrefix("has 292 more of that kind") }
        )
    }

    @Test("has an identifier and a demand of its own")
    func identifiers() {
        let rules = AdmissionPolicy.standardRules
        #expect(Set(rules.map(\.identifier)).count == rules.count)
        #expect(
            rules.allSatisfy { $0.demand.hasSuffix(".") && $0.identifier.allSatisfy { $0.isLowercase || $0 == "-" } }
        )
    }

    @Test("says what other versions of Envoy would do")
    func verdicts() throws {
        var plugin = PluginModule()
        plugin.imports = [("wasi_snapshot_preview1", "fd_sync", .words(1))]
        let verdicts = AdmissionPolicy().verdicts(on: try ModuleFacts(of: plugin.bytes.span))
        let refusing = verdicts.filter { !$0.refusals.isEmpty }
        #expect(refusing.map(\.host.name) == ["envoy-1.38", "envoy-1.37", "envoy-1.36"])
        let host = try #require(HostProfile(named: "envoy-1.36"))
        guard case .refused(let refusal) = AdmissionPolicy(for: host).judge(plugin.bytes.span) else {
            Issue.record("it is admitted")
            return
        }
        #expect(refusal.remedy.hasSuffix("it is admitted for envoy-1.40, envoy-1.39"))
    }

    // tool-conventions, ProducersSection.md: fields, each a name and its values with their versions.
    @Test("is not asked of what made a module, which is a fact of it")
    func producers() throws {
        func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
        func field(_ field: String, _ values: [(String, String)]) -> [UInt8] {
            name(field) + [UInt8(values.count)] + values.flatMap { name($0.0) + name($0.1) }
        }
        let fields = field("language", [("Rust", ""), ("C11", "")]) + field("processed-by", [("rustc", "1.84.0")])
        var module = WasmModule()
        module.addSection(0, name("producers") + [2] + fields)
        let facts = try ModuleFacts(of: module.bytes.span)
        #expect(facts.customSections.language == "Rust" && facts.customSections.toolchain == "rustc 1.84.0")
    }
}
