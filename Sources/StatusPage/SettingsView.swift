// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ServerInterface

/// What the server was told, and where.
package struct SettingsView {
    private let settings: SettingsDocument

    /// A view of the settings.
    package init(_ settings: SettingsDocument) { self.settings = settings }

    /// The page.
    package func page(_ query: PageQuery) -> Page {
        let warnings = settings.warnings.map { "<li>\(.state("warning", .attention)) \($0)</li>\n" as HTML }
        let list: HTML? = warnings.isEmpty ? nil : "<ul class=\"findings\">\(warnings)</ul>"
        return Page(
            title: "Settings",
            view: .settings,
            content: """
                <h1>Settings</h1>
                <p>What the server was told, and where; the rest are defaults. No setting is a secret: keys are named by their files.</p>
                \(list)
                \(table.html(settings.settings, query))
                """
        )
    }

    private var table: Table<SettingsDocument.Setting> {
        Table(
            caption: "Settings",
            id: "settings",
            columns: [
                .init("Setting", "name", by: { SortKey($0.name) }) { setting in
                    "<code>\(setting.name)</code><br><small>\(setting.purpose)</small>"
                },
                .init("Value", "value", by: { SortKey($0.value) }) { setting in
                    setting.value.map { "<code>\($0)</code>" } ?? .nothing
                },
                .init("Given by", "origin", by: { SortKey($0.givenBy) }) { setting in
                    setting.givenBy.map { "<code>\($0)</code>" } ?? "default"
                },
            ],
            filters: [
                .init(name: "origin", title: "Given by", choices: ["someone", "default"]) { setting, word in
                    (setting.givenBy == nil) == (word == "default")
                }
            ],
            contains: { setting, text in
                [setting.name, setting.value, setting.givenBy, setting.purpose].contains { field in
                    field?.lowercased().contains(text) ?? false
                }
            },
            empty: "There are none."
        )
    }
}
