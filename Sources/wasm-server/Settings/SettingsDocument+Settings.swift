// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import ServerInterface

extension SettingsDocument {
    /// What is in effect, and where it was given.
    ///
    /// No setting is a secret: keys are named by their files.
    init(of settings: Settings) {
        self.init(
            settings: wasm_server.Setting.allCases.map { setting in
                Setting(
                    name: setting.key,
                    value: setting.declaration.text(of: settings),
                    givenBy: settings.places[setting]?.name,
                    purpose: setting.declaration.help.abstract
                )
            },
            warnings: settings.warnings
        )
    }
}
