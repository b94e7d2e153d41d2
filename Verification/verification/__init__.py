# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Verifies the server from outside: attacks, drills, benchmarks, the image, the manifests, the documentation and the status page.

Arrows only point down: the seven commands know servers and sources of modules, those know clients, and all of them programs. A
collector, which the tests start, knows nobody.
"""
