# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What servers are given: modules, and the volumes that hold them."""
