// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform

/// Descriptors in reserve, for when others have taken all that the system grants.
struct SpareDescriptors: ~Copyable {
    private let count: Int
    private var descriptors: [CInt] = []

    /// Takes some, as long as the system grants them.
    init(_ count: Int) {
        self.count = count
        refill()
    }

    deinit {
        for descriptor in descriptors { platform_close(descriptor) }
    }

    /// Gives one to whoever asks the system for one next; false if there is none.
    mutating func spend() -> Bool {
        guard let descriptor = descriptors.popLast() else { return false }
        platform_close(descriptor)
        return true
    }

    /// Takes as many as were spent, as long as the system grants them.
    mutating func refill() {
        while descriptors.count < count {
            let descriptor = platform_spare_descriptor()
            guard descriptor >= 0 else { return }
            descriptors.append(descriptor)
        }
    }
}
