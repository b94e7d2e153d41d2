# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 16, files that are overwritten, truncated or replaced while they are downloaded, or while they are read."""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, sockets
from verification.clients.http1 import Response
from verification.clients.sessions import get_over_http2
from verification.programs import VerificationError
from verification.server.process import WasmServer
from verification.sources.module import SIZE, Module, put
from verification.threads import PeriodicThread

ROUNDS = 1000
STARTS = 20
PIECE = 64 << 10
SEED = 16
# What a writer left for a moment may be kept, but not so much of it that memory seems to leak.
FLAGS = ["--retain-memory", "16MiB"]
GET = http1.request("/plugin.wasm", closes=True)


@row(16, "Torn files", "0 mixed bodies", flags=FLAGS)
def attack(fixture: AttackFixture) -> None:
    rounds = ROUNDS // 10 if fixture.quick else ROUNDS
    file = fixture.modules / "plugin.wasm"
    noise = random.Random(SEED)
    wrong = {"h1": 0, "h2": 0}
    for number in range(rounds):
        tear = TEARS[number % len(TEARS)]
        if number % 10 == 9:
            tear(file, noise)
            response = get_over_http2(fixture.port, "/plugin.wasm")
            wrong["h2"] += not _is_right(response)
        else:
            wrong["h1"] += not _is_right(_torn_download(fixture.port, lambda tear=tear: tear(file, noise)))
    fixture.report(f"{rounds} rounds, {wrong['h1']} wrong on h1, {wrong['h2']} on h2")
    fixture.require(not any(wrong.values()), "a body was not the announced one")
    _starts_under_a_writer(fixture, 3 if fixture.quick else STARTS)


def _is_right(response: Response | None) -> bool:
    """What a writer left may be served, if it is a module: but only as what it is."""
    return response is not None and response.status == 200 and response.is_as_announced


def _torn_download(port: int, tear: Callable[[], None]) -> Response | None:
    """A download whose file is torn when a part of it has come."""
    with sockets.connect(port, receive_buffer=PIECE) as end:
        end.sendall(GET)
        received = end.recv(PIECE)
        tear()
        rest, _ = sockets.read_until_quiet(end, 5.0)
    responses, _ = http1.parse(received + rest)
    return responses[0] if responses else None


def _overwrite(file: Path, noise: random.Random) -> None:
    with open(file, "r+b" if file.exists() else "wb") as target:
        target.seek(noise.randrange(SIZE - PIECE))
        target.write(noise.randbytes(PIECE))


def _delete_and_make_anew(file: Path, noise: random.Random) -> None:
    file.unlink()
    file.write_bytes(noise.randbytes(PIECE))


TEARS: list[Callable[[Path, random.Random], object]] = [
    _overwrite,
    lambda file, noise: os.truncate(file, noise.randrange(SIZE)),
    lambda file, noise: file.write_bytes(noise.randbytes(SIZE // 8) * 8),
    lambda file, noise: put(file, noise.randbytes(PIECE)),
    lambda file, _: os.truncate(file, 0),
    _delete_and_make_anew,
]


def _starts_under_a_writer(fixture: AttackFixture, starts: int) -> None:
    """A server that starts while the file is overwritten in place must announce what it serves, or not start.

    Whether that is one of the two versions is told, not required: a writer that pauses cannot be told from one that is
    done, so such files are to be replaced by a rename.
    """
    versions = [Module.of(2), Module.of(3)]
    root = fixture.work / "written"
    file = versions[0].write(root / "plugin.wasm")
    whole = mixed = refused = 0
    with PeriodicThread(partial(_write_next, file, itertools.cycle(versions)), 0.002):
        for _ in range(starts):
            try:
                with WasmServer(fixture.binary, [root]) as server:
                    response, announced = server.get("/plugin.wasm"), server.announced()
            except VerificationError:
                refused += 1
                continue
            if response.status == 503:
                refused += 1
                continue
            is_as_announced = response.digest == announced
            fixture.require(is_as_announced, "a start under a writer announced another digest than it serves")
            is_whole = response.digest in {version.digest for version in versions}
            whole += is_whole
            mixed += not is_whole
    figures = f"{refused} refused, {whole} whole, {mixed} mixed but as announced"
    fixture.report(f"{starts} starts under a writer in place: {figures}")


def _write_next(file: Path, versions: Iterator[Module]) -> None:
    content = next(versions).content
    with open(file, "r+b", buffering=0) as target:
        target.writelines(content[at : at + PIECE] for at in range(0, len(content), PIECE))
