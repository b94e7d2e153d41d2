# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Servers: ours, the original's nginx, replicas of either, a name server, and what the kernel knows of their processes."""
