// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics

/// Every family that is exposed, and what it means.
enum MetricName: String {
    case requests = "wasm_server_requests_total"
    case responseBytes = "wasm_server_response_bytes_total"
    case responsesCut = "wasm_server_responses_cut_total"
    case requestDuration = "wasm_server_request_duration_seconds"

    case openConnections = "wasm_server_open_connections"
    case connections = "wasm_server_connections_total"
    case connectionsCut = "wasm_server_connections_cut_total"
    case connectionsRefused = "wasm_server_connections_refused_total"
    case acceptingPaused = "wasm_server_accepting_paused_total"
    case streamsRefused = "wasm_server_streams_refused_total"
    case streamsRejected = "wasm_server_streams_rejected_total"

    case handshakes = "wasm_server_tls_handshakes_total"
    case certificateExpiry = "wasm_server_tls_certificate_expiry_timestamp_seconds"
    case authorityExpiry = "wasm_server_tls_authority_expiry_timestamp_seconds"
    case reloadFailures = "wasm_server_tls_reload_failures_total"
    case reloadSuccessful = "wasm_server_tls_reload_successful"

    case peerRequests = "wasm_server_peer_requests_total"
    case searches = "wasm_server_searches_total"
    case adopted = "wasm_server_adopted_modules"

    case clients = "wasm_server_clients"
    case clientsForgotten = "wasm_server_clients_forgotten_total"

    case spans = "wasm_server_spans_total"

    case ready = "wasm_server_ready"
    case modules = "wasm_server_modules"
    case rejectedModules = "wasm_server_rejected_modules"
    case keptBytes = "wasm_server_kept_bytes"
    case modulesDropped = "wasm_server_modules_dropped_total"
    case sourceLastCheck = "wasm_server_source_last_check_timestamp_seconds"
    case lastChange = "wasm_server_last_change_timestamp_seconds"
    case moduleInfo = "wasm_server_module_info"
    case moduleSince = "wasm_server_module_since_timestamp_seconds"
    case moduleLastFetch = "wasm_server_module_last_fetch_timestamp_seconds"
    case buildInfo = "wasm_server_build_info"
    case logLinesLost = "wasm_server_log_lines_lost_total"
    case seriesDropped = "wasm_server_metric_series_dropped_total"

    case residentMemory = "process_resident_memory_bytes"
    case virtualMemory = "process_virtual_memory_bytes"
    case openDescriptors = "process_open_fds"
    case maximumDescriptors = "process_max_fds"
    case processorTime = "process_cpu_seconds_total"
    case startTime = "process_start_time_seconds"

    /// What `# HELP` says.
    var help: String {
        switch self {
        case .requests:
            """
            Requests answered, by status and the path of the module that was asked for (empty: none; kept: served by digest \
            only; shared: by a digest that several paths have; peer: whatever peers ask for), and by name or digest.
            """
        case .responseBytes:
            "Content of answers that were sent completely, without heads and TLS, in bytes."
        case .responsesCut:
            "Answers that could not be sent completely: the client went away or was cut off."
        case .requestDuration:
            "From the end of a request's head to the last byte of its answer handed to the system."
        case .openConnections: "Connections that are open."
        case .connections: "Connections accepted."
        case .connectionsCut: "Connections ended by the server because of what the client did or did not do."
        case .connectionsRefused: "Connections ended by the server before the client could ask."
        case .acceptingPaused: "How often the server stopped accepting connections for a while."
        case .streamsRefused: "HTTP/2 requests refused because too many answers were waiting for their clients."
        case .streamsRejected: "HTTP/2 requests that were malformed, so that there was no answer to them."
        case .handshakes: "TLS handshakes, by result: ok, or why they failed."
        case .certificateExpiry: "When the certificate in use expires, in seconds since 1970."
        case .authorityExpiry:
            "When the first authority of clients or peers in use expires, or the last one did if none is, in seconds since 1970."
        case .reloadFailures: "How often changed TLS files could not be used; the ones before stayed in use."
        case .reloadSuccessful: "Whether the TLS files as they are now are in use (1) or could not be used (0)."
        case .peerRequests: "Requests to peers, by what they were asked for and result: ok, or why they failed."
        case .searches: "Searches at the peers for digests that were not here, by what they came to."
        case .adopted: "Modules that were taken over from peers before the server was ready."
        case .clients:
            "Gateways that have fetched, by the module's path and what they have of it: current, behind, missing or failed."
        case .clientsForgotten: "Clients and fetches that were forgotten to make room for others."
        case .spans:
            """
            Spans of traces, by what became of them: exported, dropped (for lack of room), rejected (by the collector, which took \
            others), or failed (sent, and not taken).
            """
        case .ready: "Whether /readyz answers 200 (1) or 503 (0)."
        case .modules: "Modules by state, as /modules has it: current, kept (served by digest only), or rejected."
        case .rejectedModules:
            "Modules that are rejected, by the rule of admission that they break; one may break several."
        case .keptBytes: "Memory of modules that are kept by digest only, in bytes."
        case .modulesDropped: "Modules that are no longer kept, by what made them go."
        case .sourceLastCheck:
            "When a source was last looked through to its end, in seconds since 1970; a source that does not answer stays behind."
        case .lastChange: "When what is served by name last changed, in seconds since 1970."
        case .moduleInfo: "Which bytes are served under which path; the value is always 1."
        case .moduleSince: "Since when these bytes are served under this path, in seconds since 1970."
        case .moduleLastFetch:
            "When these bytes were last sent completely, by this path or by digest, to anyone but peers, in seconds since 1970; or 0."
        case .buildInfo: "The version of the server, and the commit of its sources; the value is always 1."
        case .logLinesLost: "Log lines that were not written because the reader of the log was too slow or failed."
        case .seriesDropped: "Series that are not exposed because there are too many or their name is unusable."
        case .residentMemory: "Resident memory size in bytes."
        case .virtualMemory: "Virtual memory size in bytes."
        case .openDescriptors: "Number of open file descriptors."
        case .maximumDescriptors: "Maximum number of open file descriptors."
        case .processorTime: "Total user and system CPU time spent in seconds."
        case .startTime: "Start time of the process since unix epoch in seconds."
        }
    }
}

extension MetricName {
    /// A counter of this name.
    func counter(_ labels: [(String, String)] = [], in factory: any MetricsFactory) -> Counter {
        Counter(label: rawValue, dimensions: labels, factory: factory)
    }

    /// A gauge of this name.
    func gauge(_ labels: [(String, String)] = [], in factory: any MetricsFactory) -> Meter {
        Meter(label: rawValue, dimensions: labels, factory: factory)
    }

    /// A histogram of this name.
    func histogram(_ labels: [(String, String)] = [], in factory: any MetricsFactory) -> Timer {
        Timer(label: rawValue, dimensions: labels, factory: factory)
    }

    /// A family of what is read now.
    func family(_ kind: MetricFamily.Kind, _ samples: [MetricFamily.Sample]) -> MetricFamily {
        MetricFamily(name: rawValue, kind: kind, help: help, samples: samples)
    }

    /// A family of one value that is read now.
    func family(_ kind: MetricFamily.Kind, _ value: Double) -> MetricFamily {
        family(kind, [MetricFamily.Sample(value: value)])
    }
}
