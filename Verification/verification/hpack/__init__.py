# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What two other implementations of HPACK say, for the tests of ours."""
