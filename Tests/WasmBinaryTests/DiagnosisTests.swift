// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing
import WasmBinary

/// The first bytes are those of the formats' specifications, which `file` and `libmagic` go by too.
@Suite("What is found where a module should be")
struct DiagnosisTests {
    private static let module = WasmModule.ofSize(9000)
    private static let tar = [UInt8](repeating: 0x61, count: 257) + Array("ustar\u{0}00".utf8)

    /// A header without the magic of POSIX: its name, and at byte 148 its sum, which is that of 8 blanks and the name.
    private static let oldTar: [UInt8] = {
        var header = [UInt8](repeating: 0, count: 512)
        header.replaceSubrange(0..<6, with: "a.wasm".utf8)
        let sum = 8 * 0x20 + header.reduce(0) { $0 + Int($1) }
        header.replaceSubrange(148..<156, with: "00\(String(sum, radix: 8))\u{0} ".utf8)
        return header
    }()

    @Test(
        "is named, with what to do about it",
        arguments: [
            ([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], "gzip", "gunzip"),
            ([0x28, 0xb5, 0x2f, 0xfd, 4], "Zstandard", "zstd -d"),
            ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0], "xz", "xz -d"),
            (Array("BZh91AY".utf8), "bzip2", "bzip2 -d"),
            ([0x04, 0x22, 0x4d, 0x18, 0x60], "LZ4", "lz4 -d"),
            ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4], "7z", "7z x"),
            (Array("PK\u{3}\u{4}\u{14}".utf8), "zip", "unzip"),
            (tar, "tar", "tar -xf"),
            (oldTar, "tar", "tar -xf"),
            ([0x30, 0x82, 0x01, 0x5a], "DER", "put the module there"),
            ([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], "ELF", "wasm32-wasip1"),
            ([0xcf, 0xfa, 0xed, 0xfe, 7], "Mach-O", "wasm32-wasip1"),
            ([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2], "Mach-O", "wasm32-wasip1"),
            ([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65], "Java", "wasm32-wasip1"),
            ([0x4d, 0x5a, 0x90, 0], "PE", "wasm32-wasip1"),
            (Array("!<arch>\n/   ".utf8), "static library", "wasm32-wasip1"),
            ([0x42, 0x43, 0xc0, 0xde, 0x35], "bitcode", "wasm32-wasip1"),
            ([0, 0, 0, 0, 0], "zero bytes", "copy it again"),
            ([], "empty", "copy it again"),
        ] as [([UInt8], String, String)]
    )
    func binary(_ bytes: [UInt8], _ name: String, _ remedy: String) throws {
        let found = try #require(diagnosis(of: bytes))
        #expect(found.reason.contains(name))
        #expect(found.remedy.contains(remedy))
    }

    @Test(
        "is named if it is text, with what to do about it",
        arguments: [
            ("<!DOCTYPE html>\n<html lang=en>", "HTML", "curl -f"),
            ("\n  <HTML><HEAD><TITLE>302 Found</TITLE>", "HTML", "curl -f"),
            ("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "XML", "curl -f"),
            ("{\"message\":\"Not Found\",\"status\":\"404\"}", "JSON", "curl -f"),
            ("{\"schemaVersion\":2,\"config\":{},\"layers\":[]}", "OCI", "oras pull"),
            ("{\"schemaVersion\":2,\"manifests\":[]}", "OCI", "oras pull"),
            ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", "Git LFS", "git lfs pull"),
            ("(module (func))", "text format", "wat2wasm"),
            (";; a comment\n(module)", "text format", "wat2wasm"),
            ("-----BEGIN PRIVATE KEY-----\nMIGH\n", "PEM", "put the module there"),
            ("#!/bin/sh\nexec true\n", "script", "builds"),
            ("apiVersion: v1\nkind: ConfigMap\n", "Kubernetes", "the module itself"),
            // RFC 4648 §4 of 00 61 73 6d 01 00 00 00, and of a gzip file's first bytes.
            ("AGFzbQEAAAA=", "base64", "base64 -d"),
            ("H4sIAAAAAAAAAw==", "compressed", "gunzip"),
            ("0061736d01000000", "hexadecimal", "xxd -r -p"),
            ("00000000: 0061 736d 0100 0000  .asm....", "hexadecimal dump", "xxd -r"),
            ("404: Not Found", "is text", "read it"),
            ("../modules/plugin.wasm", "is text", "link"),
            ("\u{feff}{\"a\":1}", "JSON", "curl -f"),
        ]
    )
    func text(_ text: String, _ name: String, _ remedy: String) throws {
        let found = try #require(diagnosis(of: Array(text.utf8)))
        #expect(found.reason.contains(name))
        #expect(found.remedy.contains(remedy))
    }

    @Test("does not call a module what it says is none")
    func contradiction() throws {
        for bytes in [
            Self.module.filter { $0 != 0 }, [0xef, 0xbb, 0xbf] + Self.module, Array("AGFzbQEAAAA=".utf8),
            Array("H4sIAAAAAAAAAw==".utf8), Array("0061736d01000000".utf8),
            Array("data:application/wasm;base64,AGFzbQEAAAA=".utf8),
        ] {
            let reason = try #require(diagnosis(of: bytes)).reason
            #expect(!reason.hasPrefix("is a module"), "\(reason)")
            #expect(reason.hasSuffix("WebAssembly module"), "\(reason)")
        }
    }

    @Test("never repeats what it says, which may be a key")
    func secrets() throws {
        for opening in ["-----BEGIN PRIVATE KEY-----\n", "password=", "{\"token\":\"", "\u{1}"] {
            let found = try #require(diagnosis(of: Array("\(opening)hunter2".utf8)))
            #expect(!"\(found.reason) \(found.remedy)".contains("hunter2"))
        }
    }

    @Test("is told to be UTF-16, and a byte order mark before a module to be one")
    func byteOrderMarks() throws {
        // What `wasm-tool > plugin.wasm` writes in PowerShell 5.1: each byte as a character of UTF-16.
        let utf16: [UInt8] = [0xff, 0xfe] + Self.module.flatMap { [$0, 0] as [UInt8] }
        #expect(try #require(diagnosis(of: utf16)).reason.contains("UTF-16"))
        let marked: [UInt8] = [0xef, 0xbb, 0xbf] + Self.module
        #expect(try #require(diagnosis(of: marked)).reason.contains("byte order mark"))
    }

    @Test("is told to be a component, which is no core module")
    func component() throws {
        // Layer 1 (component-model, Binary.md).
        let bytes: [UInt8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00] + Array("a\r\n".utf8)
        let found = try #require(diagnosis(of: bytes))
        #expect(found.reason.contains("component"))
        #expect(found.remedy.contains("wasm32-wasip1"))
    }

    @Test("is told to be a module that was copied as text, by the marks of that")
    func damaged() throws {
        let windows: [UInt8] = Self.module.flatMap { $0 == UInt8(ascii: "\n") ? [UInt8(ascii: "\r"), $0] : [$0] }
        #expect(try #require(diagnosis(of: windows)).reason.contains("carriage return"))
        // What `String(decoding:as:)`, Node's toString() and Go's templates make of bytes that are no UTF-8.
        let replaced = Array(String(decoding: Self.module, as: UTF8.self).utf8)
        #expect(try #require(diagnosis(of: replaced)).reason.contains("replaced"))
        let recoded = Array(Self.module.reduce(into: "") { $0.unicodeScalars.append(Unicode.Scalar($1)) }.utf8)
        #expect(try #require(diagnosis(of: recoded)).reason.contains("UTF-8"))
        let withoutZeros = Self.module.filter { $0 != 0 }
        #expect(try #require(diagnosis(of: withoutZeros)).reason.contains("zero bytes are lost"))
        let cutOff = Self.module[..<8] + [UInt8](repeating: 0, count: 4096)
        #expect(try #require(diagnosis(of: Array(cutOff))).reason.contains("nothing but zero bytes"))
        let withLineFeed = Self.module + [UInt8(ascii: "\n")]
        #expect(try #require(diagnosis(of: withLineFeed)).reason.contains("line feed was put behind"))
        let short = Array(Self.module[..<5000])
        #expect(try #require(diagnosis(of: short)).remedy.contains("not complete"))
    }

    @Test("is nothing that could be told, and then it is told where it stops being a module")
    func unknown() throws {
        let found = try #require(diagnosis(of: [0x99, 0x98, 0x97]))
        #expect(found.reason.contains("magic number"))
        #expect(found.reason.contains("byte 0"))
    }

    @Test("is nothing at all if it is a module")
    func module() {
        #expect(diagnosis(of: Self.module) == nil)
        #expect(diagnosis(of: WasmModule.empty) == nil)
    }

    private func diagnosis(of bytes: [UInt8]) -> Diagnosis? { Diagnosis(of: bytes.span) }
}
