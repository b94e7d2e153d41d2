// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ProxyWasm

extension FuzzTarget {
    /// A plugin's bytes, and what is said of them to people, in logs and in documents.
    static let pluginAdmission = FuzzTarget("plugin-admission") { (bytes: [UInt8]) in
        guard let facts = try? ModuleFacts(of: bytes.span) else {
            guard case .refused(let refusal) = AdmissionPolicy(for: .newest, .warn).judge(bytes.span) else {
                return require(false, "what is no module is refused, whatever it is for")
            }
            return require(refusal.rules == [AdmissionPolicy.validity], "that is the only reason: \(refusal.rules)")
        }
        for host in HostProfile.all {
            let policy = AdmissionPolicy(for: host)
            let objections = policy.objections(to: facts)
            require(objections.count <= 9 * AdmissionPolicy.standardRules.count, "\(objections.count) objections")
            for objection in objections {
                requireLine(objection.reason)
                requireLine(objection.remedy)
                require(objection.offset.map(bytes.indices.contains) ?? true, "it points into the module")
            }
            let isAdmitted = if case .admitted = policy.judge(bytes.span) { true } else { false }
            require(isAdmitted == objections.allSatisfy { $0.effect == .warns }, "one refusal is enough, and needed")
        }
    }

    /// Whatever names a module has, a line about it is one, disturbs no terminal, and has its end.
    private static func requireLine(_ text: String) {
        require(text.utf8.count < 4096, "\(text.utf8.count) bytes")
        require(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "a line is one")
    }
}
