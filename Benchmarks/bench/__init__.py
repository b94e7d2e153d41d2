# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The parts of `compare`: a module to serve, servers to serve it, load, measures and a report."""
