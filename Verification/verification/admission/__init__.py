# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What real Envoys say of plugins: the verdicts that the tests of ProxyWasm read."""
