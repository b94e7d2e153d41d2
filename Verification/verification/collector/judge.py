# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Parses what an exporter sends, and says what is wrong with it.

JSON has to be what the OTLP specification says of it ("JSON Protobuf Encoding"): unlike the JSON of Protocol Buffers, its ids are
hexadecimal digits, and enumerations are numbers only.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

JSON, PROTOBUF = "application/json", "application/x-protobuf"
ID_DIGITS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}
ENUMERATIONS = {"kind", "code"}
TRACE_ID, SPAN_ID = 16, 8


class NotASpan(Exception):
    """What was sent is not as the specification has it."""


def parse(media_type: str, content: bytes) -> ExportTraceServiceRequest:
    if media_type == PROTOBUF:
        try:
            return ExportTraceServiceRequest.FromString(content)
        except DecodeError as error:
            raise NotASpan(f"it is not protobuf of that type: {error}") from error
    if media_type != JSON:
        raise NotASpan(f"its media type is {media_type}")
    try:
        document = json.loads(content.decode(), object_pairs_hook=_members)
        return json_format.ParseDict(document, ExportTraceServiceRequest())
    except (ValueError, json_format.ParseError) as error:
        raise NotASpan(f"it is not JSON of that type: {error}") from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without members that are there twice, and with its ids as the JSON of Protocol Buffers has them."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotASpan(f"a member is there twice: {[name for name, _ in pairs]}")
    for name in ID_DIGITS.keys() & members.keys():
        digits = members[name]
        if not isinstance(digits, str) or not re.fullmatch(r"[0-9a-f]*", digits) or len(digits) != ID_DIGITS[name]:
            raise NotASpan(f"{name} is {digits!r}")
        members[name] = base64.b64encode(bytes.fromhex(digits)).decode()
    for name in ENUMERATIONS & members.keys():
        if not isinstance(members[name], int):
            raise NotASpan(f"{name} is {members[name]!r}, and no number")
    return members


def spans(request: ExportTraceServiceRequest) -> Iterator[dict[str, Any]]:
    """What is told of each span, if all is well with it."""
    for told in request.resource_spans:
        resource = _attributes(told.resource.attributes)
        if not resource.get("service.name"):
            raise NotASpan("its resource has no service.name")
        for scope in told.scope_spans:
            for span in scope.spans:
                yield {"service": resource["service.name"], "resource": resource, **_span(span)}


def _span(span: Span) -> dict[str, Any]:
    if len(span.trace_id) != TRACE_ID or not any(span.trace_id) or len(span.span_id) != SPAN_ID or not any(span.span_id):
        raise NotASpan(f"its ids are {span.trace_id.hex()} and {span.span_id.hex()}")
    if span.parent_span_id and not any(span.parent_span_id):
        raise NotASpan("its parent's id is zero")
    if not 0 < span.start_time_unix_nano <= span.end_time_unix_nano:
        raise NotASpan(f"it lasts from {span.start_time_unix_nano} to {span.end_time_unix_nano}")
    if not span.name:
        raise NotASpan("it has no name")
    return {
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex() or None,
        "name": span.name,
        "kind": Span.SpanKind.Name(span.kind),
        "status": Status.StatusCode.Name(span.status.code),
        "flags": span.flags,
        "start": span.start_time_unix_nano,
        "end": span.end_time_unix_nano,
        "attributes": _attributes(span.attributes),
    }


def _attributes(pairs: list[KeyValue]) -> dict[str, Any]:
    attributes = {pair.key: _value(pair.value) for pair in pairs}
    if len(attributes) < len(pairs) or "" in attributes:
        raise NotASpan(f"an attribute is there twice, or has no name: {[pair.key for pair in pairs]}")
    return attributes


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind is None:
        raise NotASpan("an attribute has no value")
    return str(value) if kind in {"array_value", "kvlist_value"} else getattr(value, kind)
