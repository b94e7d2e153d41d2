// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Says of each module on standard input, which stands there behind its length in four bytes, why V8 takes it for invalid: one
// line each, empty for those that are valid.

const bytes = require('fs').readFileSync(0);
const lines = [];
for (let start = 0; start < bytes.length; ) {
    const end = start + 4 + bytes.readUInt32LE(start);
    const module = bytes.subarray(start + 4, end);
    let line = '';
    if (!WebAssembly.validate(module)) {
        try {
            new WebAssembly.Module(module);
            line = 'it is not valid';
        } catch (error) {
            line = error.message.replaceAll('\n', ' ');
        }
    }
    lines.push(line);
    start = end;
}
process.stdout.write(lines.map((line) => line + '\n').join(''));
