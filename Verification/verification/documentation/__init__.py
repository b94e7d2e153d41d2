# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What keeps the documentation true: its pages are read, and their commands are run."""
