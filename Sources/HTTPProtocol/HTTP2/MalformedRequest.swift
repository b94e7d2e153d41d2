// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What makes a request of HTTP/2 malformed, so that nobody can answer it (RFC 9113 §8.1.1).
enum MalformedRequest: Equatable {
    /// A field that is for connections of HTTP/1.1 (§8.2.2).
    case forbiddenField(String)
    /// A name that is none, or not in lowercase (§8.2.1).
    case fieldName(String)
    /// A value that is none (§8.2.1).
    case fieldValue(String)
    /// A pseudo-header field that requests do not have (§8.3).
    case unknownPseudoField(String)
    /// One that came before (§8.3).
    case repeatedPseudoField(String)
    /// One behind other fields (§8.3).
    case latePseudoField(String)
    /// There is no path in it (§8.3.1).
    case emptyPath
    /// Not exactly those that a request must have (§8.3.1, §8.5).
    case pseudoFields
    /// `content-length` is no number, or not always the same (RFC 9110 §8.6).
    case contentLengthValue
    /// The content is not as long as that says (§8.1.1).
    case contentLength
    /// Trailers that do not end the request (§8.1).
    case trailers

    /// What is wrong with the request, in words that follow "it".
    var reason: String {
        switch self {
        case .forbiddenField(let name): "it may not have the field \(name)"
        case .fieldName(let name): "it has a field of the name '\(name)'"
        case .fieldValue(let name): "its field \(name) has a bad value"
        case .unknownPseudoField(let name): "it has an unknown field \(name)"
        case .repeatedPseudoField(let name): "it has the field \(name) twice"
        case .latePseudoField(let name): "its field \(name) comes too late"
        case .emptyPath: "its path is empty"
        case .pseudoFields: "it lacks :method, :scheme or :path, or has one too many"
        case .contentLengthValue: "its content-length is not one number"
        case .contentLength: "its content is not as long as it says"
        case .trailers: "its trailers do not end it"
        }
    }
}
