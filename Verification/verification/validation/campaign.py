# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Mutates modules along their structure, and compares what a release build of the server says of each with wasmtime and V8.

A difference that `differences.py` does not explain is a finding: its module is kept in .build-fuzz/findings. The same seed makes
the same mutations.

Exit code: 0 when each difference is explained; 1 when one is not; 64 for a wrong argument.
"""

import hashlib
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from verification.command import Arguments, finish
from verification.programs import ROOT
from verification.validation.corpus import corpus
from verification.validation.differences import explanation
from verification.validation.judges import V8, Server, Wasmtime
from verification.validation.mutations import Mutator

NAME = "mutations"
DOES = "Mutates modules along their structure, and compares our verdict on each with those of wasmtime and V8."
RELEASE_SERVER = ROOT / ".build/release/wasm-server"
FINDINGS = ROOT / ".build-fuzz/findings"
BATCH = 2000


class Campaign:
    """What has been found so far."""

    def __init__(self, binary: Path) -> None:
        self.server, self.judges = Server(binary), {"wasmtime": Wasmtime(), "V8": V8()}
        self.known: Counter[str] = Counter()
        self.valid = self.findings = 0

    def compare(self, modules: list[bytes]) -> None:
        with ThreadPoolExecutor() as pool:
            ours = pool.submit(self.server.objections, modules)
            theirs = {name: pool.submit(judge.objections, modules) for name, judge in self.judges.items()}
        self.valid += ours.result().count("")
        for name, objections in theirs.items():
            for module, our, their in zip(modules, ours.result(), objections.result(), strict=True):
                if bool(our) != bool(their):
                    self.tell(module, name, our, their)

    def tell(self, module: bytes, judge: str, ours: str, theirs: str) -> None:
        if known := explanation(judge, ours, theirs):
            self.known[f"{judge}: {known.reason}"] += 1
            return
        self.findings += 1
        FINDINGS.mkdir(parents=True, exist_ok=True)
        kept = FINDINGS / f"mutation-{hashlib.sha256(module).hexdigest()[:16]}.wasm"
        kept.write_bytes(module)
        print(f"{kept.relative_to(ROOT)}\n  we:  {ours or 'valid'}\n  {judge}: {theirs or 'valid'}", flush=True)


def main() -> int:
    parser = Arguments(NAME, DOES, RELEASE_SERVER)
    parser.add_argument("--count", type=int, default=100_000, metavar="NUMBER", help="how many mutations; 100,000 if not given")
    parser.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="what decides which; 1 if not given")
    given = parser.given()
    begin, campaign = time.monotonic(), Campaign(given.server)
    modules = corpus()
    mutator, different = Mutator(modules, given.seed), set()
    for done in range(0, given.count, BATCH):
        batch = [mutator.mutation() for _ in range(min(BATCH, given.count - done))]
        different.update(hashlib.sha256(module).digest()[:8] for module in batch)
        campaign.compare(batch)
    seconds = time.monotonic() - begin
    print(
        f"{NAME}: {given.count} mutations of {len(modules)} modules, {len(different)} different ones, of which {campaign.valid} "
        f"are valid, in {seconds:.0f} s: {sum(campaign.known.values())} known differences, {campaign.findings} others"
    )
    for reason, count in campaign.known.most_common():
        print(f"{count:>7}  {reason}")
    return 1 if campaign.findings else 0


if __name__ == "__main__":
    finish(NAME, main)
