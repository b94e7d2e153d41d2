# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Checks of what is deployed, for Scripts/check-deploy."""
