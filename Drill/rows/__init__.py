# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The rows of the drill, one module each."""

from rows import churn, data_swaps, envoys, network, network_far, network_rolls, random_digests, rewritten, upgrade, upgrade_nginx

ROWS = [
    module.ROW
    for module in (
        upgrade,
        upgrade_nginx,
        envoys,
        rewritten,
        data_swaps,
        random_digests,
        network,
        network_rolls,
        network_far,
        churn,
    )
]
