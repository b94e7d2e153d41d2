# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Drills of what a release build does while modules, replicas and the network change."""
