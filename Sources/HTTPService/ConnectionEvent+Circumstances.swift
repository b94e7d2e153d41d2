// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension ConnectionEvent {
    /// What is known besides of an event and of the client that it is about; for logs.
    package struct Circumstances: Hashable, Sendable {
        /// The client's address and port; nil if the event is about none or it is not known.
        package var client: String?
        /// Who the client's certificate says that it is, by its alternative names, if that matters to the event.
        package var identity: String?
        /// Whom the client's certificate is of.
        package var subject: String?
        /// Who issued the client's certificate.
        package var issuer: String?
        /// What the event's name does not tell.
        package var detail: String?

        /// Circumstances; nothing is known of what is not given.
        package init(
            client: String? = nil,
            identity: String? = nil,
            subject: String? = nil,
            issuer: String? = nil,
            detail: String? = nil
        ) {
            (self.client, self.identity, self.subject, self.issuer) = (client, identity, subject, issuer)
            self.detail = detail
        }
    }
}
