# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Verifies the server from outside: attacks, drills, benchmarks, the image, the manifests and the documentation.

Arrows only point down: the six commands know servers and sources of modules, those know clients, and all of them programs.
"""
