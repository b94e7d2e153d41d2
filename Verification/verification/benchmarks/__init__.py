# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Our server beside nginx: load, measures and a report."""
