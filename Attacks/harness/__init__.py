# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What every attack needs: the server, the bystander, the kernel's figures, and raw HTTP."""
