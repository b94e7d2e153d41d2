# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Checks of manifests, alerts, printed configuration and documents in JSON."""
