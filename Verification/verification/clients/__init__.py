# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Clients of a server: sockets, HTTP/1.1 and HTTP/2 by hand, TLS, connections that are kept or held, and an honest bystander."""
