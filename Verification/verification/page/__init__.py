# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Checks the status page in a browser."""
