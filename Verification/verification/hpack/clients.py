# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The requests of clients, connection by connection, and what is between two of them."""

import random
from collections.abc import Callable, Iterator
from uuid import UUID

Fields = list[tuple[str, str]]
# A request's fields, or the size to which the encoder's table is set.
Step = Fields | int

HOST = "wasm-server.gateways.svc.cluster.local:8082"
DIGEST = "5ec2a8a89b0e4d7e8a4c0d3bb7ad8e305ec2a8a89b0e4d7e8a4c0d3bb7ad8e30"
SEED = 1


def curl() -> Iterator[Step]:
    for path in ("/plugin.wasm", "/plugin.wasm", "/modules", f"/blobs/sha256/{DIGEST}"):
        yield [
            *[(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", path)],
            *[("user-agent", "curl/7.88.1"), ("accept", "*/*")],
        ]
    yield [
        *[(":method", "HEAD"), (":scheme", "https"), (":authority", HOST), (":path", "/plugin.wasm")],
        *[("user-agent", "curl/7.88.1"), ("accept", "*/*"), ("range", "bytes=0-1023"), ("if-none-match", f'"{DIGEST}"')],
    ]


def go() -> Iterator[Step]:
    for number in range(4):
        yield [
            *[(":authority", HOST), (":method", "GET"), (":path", f"/plugin-{number}.wasm"), (":scheme", "http")],
            *[("accept", "application/wasm"), ("authorization", "Bearer c2VjcmV0"), ("accept-encoding", "gzip")],
            ("user-agent", "Go-http-client/2.0"),
        ]


def h2load() -> Iterator[Step]:
    for _ in range(3):
        yield [
            *[(":path", "/plugin.wasm"), (":scheme", "http"), (":authority", "127.0.0.1:8082"), (":method", "GET")],
            ("user-agent", "h2load nghttp2/1.52.0"),
        ]


def envoy() -> Iterator[Step]:
    chance = random.Random(SEED)
    for number in range(12):
        identifier = str(UUID(int=chance.getrandbits(128), version=4))
        trace = f"00-{chance.getrandbits(128):032x}-{chance.getrandbits(64):016x}-01"
        yield [
            *[(":authority", HOST), (":path", f"/plugin-{number % 3}.wasm"), (":method", "GET"), (":scheme", "http")],
            *[("x-request-id", identifier), ("x-envoy-internal", "true"), ("x-forwarded-for", f"10.244.{number}.17")],
            *[("x-envoy-expected-rq-timeout-ms", "5000"), ("x-forwarded-proto", "http"), ("traceparent", trace)],
            *[("user-agent", "envoy"), ("te", "trailers")],
        ]
        # In between, the server is taken to have changed what it allows.
        if number == 6:
            yield from (0, 1024)
        elif number == 9:
            yield 4096


def octets() -> Iterator[Step]:
    """Whatever a field may be made of, with a table that is too small for it most of the time."""
    chance = random.Random(SEED)
    names = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789-_", k=length)) for length in (1, 5, 12, 40)]
    values = ["".join(map(chr, chance.choices(range(0x100), k=length))) for length in (0, 1, 2, 9, 30, 130, 300)]
    values += ["".join(map(chr, range(first, first + 0x40))) for first in range(0, 0x100, 0x40)]
    yield 700
    for number in range(16):
        yield [(chance.choice(names), chance.choice(values)) for _ in range(chance.randrange(5))]
        if number % 5 == 4:
            yield from (chance.randrange(200), chance.randrange(200, 1500))


CLIENTS: dict[str, Callable[[], Iterator[Step]]] = {"curl": curl, "Go": go, "h2load": h2load, "Envoy": envoy, "any octets": octets}

# The fields of answers.
ANSWERS: list[Fields] = [
    [
        *[(":status", "200"), ("content-type", "application/wasm"), ("content-length", "4509133")],
        *[("etag", f'"sha256-{DIGEST}"'), ("cache-control", "no-cache"), ("accept-ranges", "bytes"), ("vary", "accept-encoding")],
        *[("repr-digest", "sha-256=:XsKoqJsOTX6KTA07t62OMF7CqKibDk1+ikwNO7etjjA=:"), ("x-content-type-options", "nosniff")],
    ],
    [(":status", "206"), ("content-range", "bytes 0-1023/4509133"), ("content-length", "1024")],
    [(":status", "304"), ("etag", 'W/"1"'), ("last-modified", "Mon, 21 Oct 2013 20:13:21 GMT")],
    [(":status", "404"), ("content-type", "application/problem+json"), ("content-length", "0")],
    [(":status", "416"), ("content-range", "bytes */4509133"), ("server", "")],
    [(":status", "503"), ("retry-after", "1"), ("x-" + "long-" * 30, "<" * 300), ("accept-encoding", "gzip, deflate")],
]
