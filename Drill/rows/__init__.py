# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The rows of the drill, one module each."""

from rows import envoys, upgrade, upgrade_nginx

ROWS = [module.ROW for module in (upgrade, upgrade_nginx, envoys)]
