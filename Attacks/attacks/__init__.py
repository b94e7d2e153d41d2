# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The rows of the robustness table, one module each."""

from attacks import (
    certificates,
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
    rapid_reset,
    restarts,
    slow_clients,
    smuggling,
    tls_policy,
    torn_files,
    traversal,
    unread_answers,
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
    certificates,
    clock,
    tls_policy,
    unread_answers,
]
ROWS = [module.ROW for module in MODULES]
