# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What an independent validator says of modules: the vectors that the tests of WasmBinary read."""
