# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Attacks on a release build, row by row of the robustness table."""
