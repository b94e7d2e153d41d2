// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing
import WasmBinary

@testable import ModuleInspection

@Suite("The account of a module")
struct ModuleInspectionTests {
    private static func inspection(_ bytes: [UInt8]) throws -> ModuleInspection { try ModuleInspection(of: bytes.span) }

    @Test("adds up to all of its bytes, by sections, functions and data")
    func sizes() throws {
        let bytes = PluginModule.bytes(names: [(2, "tick")], custom: [("a", [1]), ("b", [1, 2, 3]), ("a", [])])
        let module = try Self.inspection(bytes)
        // The magic number and the version stand before the sections.
        #expect(module.sections.reduce(8) { $0 + $1.size } == bytes.count)
        #expect(module.size == bytes.count)
        #expect(module.functions.map(\.size) == PluginModule.bodySizes)
        #expect(module.functions.map(\.index) == [1, 2, 3])
        #expect(module.importedFunctionCount == 1)
        #expect(module.data.map(\.size) == [3, 5])
        // An id, a size, a name's length, a name of one letter; and what follows it: twice for "a", with 1 byte and none.
        let custom = module.sections.filter { $0.kind == .custom }
        #expect(custom.map(\.name) == ["name", "a", "b"])
        #expect(custom.dropFirst().map(\.size) == [9, 7])
        #expect(custom.map(\.count) == [1, 2, 1])
    }

    @Test("has names from the name section, and those of exports where it has none")
    func names() throws {
        let bytes = PluginModule.bytes(names: [(3, "_RNvNtCs1234_7mycrate3foo3bar"), (9, "nobody")])
        let module = try Self.inspection(bytes)
        #expect(module.functions.map(\.name) == ["proxy_abi_version_0_2_1", "proxy_on_tick", "mycrate::foo::bar"])
        #expect(module.owners.map(\.name) == ["mycrate", nil])
        #expect(module.owners.map(\.size) == [12, 9])
        #expect(module.owners.map(\.count) == [1, 2])
    }

    @Test("says what it may do, what it is called for, and which ABI it has")
    func interface() throws {
        let module = try Self.inspection(PluginModule.bytes())
        #expect(module.capabilities.map(\.capability) == [.log])
        #expect(module.capabilities.first?.imports == ["env.proxy_log"])
        #expect(module.callbacks.map(\.name) == ["proxy_on_tick"])
        #expect(module.otherExports == [OtherExport(name: "memory", kind: "memory")])
        #expect(module.abiVersion == "0.2.1")
        #expect(module.memories.first?.minimumBytes == 131_072)
        #expect(module.features == [.bulkMemory])
    }

    @Test(
        "names what no host knows",
        arguments: [
            ("proxy_abi_version_0_2_100", nil, ["0.2.100"]), ("proxy_abi_version_0_1_0", "0.1.0", ["0.1.0"]),
            ("something", nil, []),
        ] as [(String, String?, [String])]
    )
    func abi(_ export: String, _ version: String?, _ all: [String]) throws {
        let module = try Self.inspection(PluginModule.bytes(abi: export, imported: "proxy_redis_call"))
        #expect(module.abiVersion == version)
        #expect(module.abiVersions == all)
        #expect(module.capabilities.first?.capability == .unknown)
    }

    @Test("every function that Envoy offers has its meaning")
    func capabilities() throws {
        // proxy-wasm-cpp-host, `exports.h` and `wasm.cc`; WASI preview 1's `fd_write` and the like are of both names.
        let functions = """
            log get_status set_property get_property send_local_response get_shared_data set_shared_data register_shared_queue
            resolve_shared_queue dequeue_shared_queue enqueue_shared_queue get_header_map_value add_header_map_value
            replace_header_map_value remove_header_map_value get_header_map_pairs set_header_map_pairs get_header_map_size
            get_buffer_status get_buffer_bytes set_buffer_bytes http_call grpc_call grpc_stream grpc_close grpc_cancel grpc_send
            set_tick_period_milliseconds get_current_time_nanoseconds define_metric increment_metric record_metric get_metric
            set_effective_context done call_foreign_function get_configuration continue_request continue_response
            clear_route_cache continue_stream close_stream get_log_level
            """
        for function in functions.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let module = try Self.inspection(PluginModule.bytes(imported: "proxy_\(function)"))
            #expect(module.capabilities.first?.capability != .unknown, "\(function)")
        }
    }

    @Test("says what made it, and marks what is guessed")
    func toolchain() throws {
        let features: [UInt8] = [2, 0x2b] + PluginModule.name("simd128") + [0x2d] + PluginModule.name("atomics")
        let told = try Self.inspection(
            PluginModule.bytes(custom: [("producers", PluginModule.producers), ("target_features", features)])
        )
        #expect(told.toolchain.text == "Rust, rustc 1.98.1")
        #expect(told.toolchain.targetFeatures == ["simd128"])
        let guessed = try Self.inspection(PluginModule.bytes(names: [(2, "runtime.alloc")]))
        #expect(guessed.toolchain.text == "TinyGo (guessed from its names)")
        #expect(try Self.inspection(PluginModule.bytes()).toolchain.text == "unknown")
    }

    @Test(
        "tells of a custom section that is damaged, and goes on",
        arguments: [
            ("name", [1, 200, 1]), ("name", [1, 3, 2, 2, 5, 65]), ("name", [1]), ("name", [0, 1, 9]),
            ("producers", [1, 3, 65]), ("producers", [0xff, 0xff, 0xff, 0xff, 0xff, 1]),
            ("target_features", [9, 0x2b, 1]),
        ] as [(String, [UInt8])]
    )
    func damaged(_ name: String, _ content: [UInt8]) throws {
        let module = try Self.inspection(PluginModule.bytes(custom: [(name, content)]))
        #expect(module.remarks.count == 1)
        #expect(module.remarks.first?.contains("\"\(name)\" is damaged") == true)
        #expect(module.remarks.first?.contains("refuse the module") == (name == "name"))
        #expect(module.functions.count == 3)
    }

    @Test("keeps the names that stand before what is damaged")
    func partlyDamaged() throws {
        let names: [UInt8] = [1, 9, 2, 2, 4] + Array("tick".utf8) + [3, 99]
        let module = try Self.inspection(PluginModule.bytes(custom: [("name", names)]))
        #expect(module.remarks.count == 1)
        #expect(module.functions.map(\.name) == ["proxy_abi_version_0_2_1", "tick", nil])
    }

    @Test("counts what no proxy reads, and names what none should run")
    func deadWeight() throws {
        let bytes = PluginModule.bytes(
            names: [(2, "a")],
            custom: [(".debug_info", [1, 2]), (".debug_line", []), ("precompiled_wee8_v1_linux", [7])]
        )
        let module = try Self.inspection(bytes)
        // Each has an id, a size and a name with its length before its content.
        #expect(module.debugSections.map(\.size) == [16, 14])
        #expect(module.precompiledSections.map(\.name) == ["precompiled_wee8_v1_linux"])
        // An id, a size, a name with its length, a subsection's id and size, and a list of an index and a name.
        #expect(module.nameSectionSize == 13)
    }

    @Test(
        "of what is no module is a diagnosis with the place",
        arguments: [[], Array("#!/bin/sh".utf8), [0, 0x61, 0x73]]
    )
    func noModule(_ bytes: [UInt8]) {
        #expect(throws: Diagnosis.self) { try ModuleInspection(of: bytes.span) }
    }

    @Test("of many sections and hostile names stays small")
    func hostile() throws {
        let sections = (0..<5000).map { ("s\($0)", [UInt8]()) }
        let module = try Self.inspection(PluginModule.bytes(custom: sections))
        #expect(module.sections.count < 1010)
        #expect(module.sections.last?.name == "other custom sections")
        #expect(module.sections.reduce(8) { $0 + $1.size } == module.size)
        let long = String(repeating: "x", count: 100_000)
        let named = try Self.inspection(PluginModule.bytes(names: [(2, long)], custom: [("\u{202e}\u{1b}[31m", [])]))
        #expect(named.functions.compactMap(\.name).allSatisfy { $0.utf8.count <= 4096 })
    }
}
