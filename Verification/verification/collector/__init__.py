# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A collector of traces, which believes nothing: it takes spans by OTLP over HTTP and judges them by OpenTelemetry's own schema."""
