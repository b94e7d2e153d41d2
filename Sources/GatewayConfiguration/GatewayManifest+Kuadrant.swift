// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension GatewayManifest {
    /// What an operator that can be told where the module is would be told.
    var kuadrantEnvironment: String {
        """
        # Today's Kuadrant operator takes none of these: the URL and the sha256 of the module are fixed in its code. Until it does, this
        # server has to stand behind its Service, kuadrant-operator-wasm:8082, with the very bytes of the operator's own image.
        # A patched operator would take the URL and the sha256 together, so that they always belong together:
        env:
        - name: WASM_SHIM_URL
          value: \(source.url.quoted)
        - name: WASM_SHIM_SHA256
          value: \(source.sha256.quoted)

        """
    }
}
