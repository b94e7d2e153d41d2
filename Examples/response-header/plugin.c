// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// The demo plugin: adds `x-wasm-server-demo: hello` to every response that passes through the proxy.
//
// It is a complete proxy-wasm filter without an SDK or a C library, so that everything a proxy asks of a module
// can be read on one page. The ABI, version 0.2.1, is described at
// https://github.com/proxy-wasm/spec/blob/main/abi-versions/v0.2.1/README.md
//
// The module needs no `_initialize`: there are no constructors to run, and the ABI leaves that export optional.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Gives a function the name under which the proxy finds it.
#define EXPORT(name) __attribute__((export_name(#name)))

/// Names a function that the proxy provides.
#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))

// MARK: What the proxy provides

/// What a call into the proxy answers; the proxy knows more, this filter needs only one.
enum Status : uint32_t {
    STATUS_OK = 0,
};

/// The header maps that a filter can read and change; this filter needs only one.
enum MapType : uint32_t {
    MAP_HTTP_RESPONSE_HEADERS = 2,
};

IMPORT(proxy_add_header_map_value)
enum Status proxy_add_header_map_value(enum MapType map, const char *name, size_t name_size, const char *value,
                                       size_t value_size);

// MARK: What the proxy demands

/// Tells the proxy which version of the ABI the module speaks; it is looked up and never called.
EXPORT(proxy_abi_version_0_2_1)
void proxy_abi_version_0_2_1(void) {}

/// Makes room for data that the proxy hands over. This filter asks for none, so there is none to give.
EXPORT(proxy_on_memory_allocate)
void *proxy_on_memory_allocate(size_t size) {
    (void)size;
    return NULL;
}

// MARK: The life of a filter

/// A context is the plugin itself (parent 0) or one stream through it; this filter keeps no state in either.
EXPORT(proxy_on_context_create)
void proxy_on_context_create(uint32_t context, uint32_t parent) {
    (void)context;
    (void)parent;
}

/// The virtual machine has started; there is nothing to prepare.
EXPORT(proxy_on_vm_start)
bool proxy_on_vm_start(uint32_t context, size_t configuration_size) {
    (void)context;
    (void)configuration_size;
    return true;
}

/// The plugin is configured; there is nothing to configure, so every configuration is accepted.
EXPORT(proxy_on_configure)
bool proxy_on_configure(uint32_t context, size_t configuration_size) {
    (void)context;
    (void)configuration_size;
    return true;
}

/// What the proxy is to do with the headers next; the proxy knows more, this filter needs only one.
enum Action : uint32_t {
    ACTION_CONTINUE = 0,
};

static const char header_name[] = "x-wasm-server-demo";
static const char header_value[] = "hello";

/// The one thing this filter is for: response headers are on their way to the client.
EXPORT(proxy_on_response_headers)
enum Action proxy_on_response_headers(uint32_t context, uint32_t header_count, bool end_of_stream) {
    (void)context;
    (void)header_count;
    (void)end_of_stream;
    // A header that cannot be added is no reason to hold up the response.
    (void)proxy_add_header_map_value(MAP_HTTP_RESPONSE_HEADERS, header_name, sizeof header_name - 1, header_value,
                                     sizeof header_value - 1);
    return ACTION_CONTINUE;
}
