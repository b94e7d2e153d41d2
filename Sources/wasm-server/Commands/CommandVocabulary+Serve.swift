// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser

extension CommandVocabulary {
    /// What `serve` takes, without asking the parser: its words are told as JSON, which took longer than all else of a start.
    static var serve: CommandVocabulary {
        let settings = Setting.allCases.map { setting in
            let declaration = setting.declaration
            let isFlag = setting != .sources
            return Argument(
                isFlag ? .option : .positional,
                isFlag ? setting.key : nil,
                valueName: declaration.help.valueName,
                isRepeating: declaration.isList
            )
        }
        let others = [
            Argument(.flag, "demo", valueName: "demo"), Argument(.flag, "check", valueName: "check"),
            Argument(.option, "config", valueName: "file"),
        ]
        return CommandVocabulary(commandName: "serve", arguments: settings + others, subcommands: nil)
    }
}

extension CommandVocabulary.Argument {
    /// One that may be left out, with one name at most, and with any value.
    fileprivate init(_ kind: Kind, _ name: String?, valueName: String?, isRepeating: Bool = false) {
        self.init(
            kind: kind,
            isOptional: true,
            isRepeating: isRepeating,
            valueName: valueName,
            names: name.map { [Name(kind: "long", name: $0)] },
            allValues: nil,
            shouldDisplay: true
        )
    }
}
