# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The one error of this package."""


class AttackError(Exception):
    """A row could not be run, so nothing is known; the text says why."""
