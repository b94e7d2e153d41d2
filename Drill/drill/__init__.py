# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the rows are made of: replicas that are rolled, gateways and control planes, writers and floods."""
