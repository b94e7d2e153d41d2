# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What independent validators say of modules: of the vectors that the tests of WasmBinary read, and of mutations beside us."""
