# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The rows of the drill."""
