# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The one error of this package."""


class BenchmarkError(Exception):
    """The measurement cannot be trusted or cannot be taken; the text says why."""
