# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The rows of the robustness table, one module each."""

from attacks import (
    chunk_extensions,
    clock,
    conditions,
    continuation,
    control_frames,
    exhaustion,
    header_bombs,
    links,
    made_you_reset,
    ranges,
    restarts,
    rapid_reset,
    slow_clients,
    smuggling,
    torn_files,
    traversal,
    window_updates,
    zero_windows,
)

MODULES = [
    smuggling,
    chunk_extensions,
    header_bombs,
    rapid_reset,
    made_you_reset,
    continuation,
    control_frames,
    window_updates,
    zero_windows,
    slow_clients,
    exhaustion,
    ranges,
    conditions,
    traversal,
    links,
    torn_files,
    restarts,
    clock,
]
ROWS = [module.ROW for module in MODULES]
