# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Where our verdict is another than a judge's, and why it is so on purpose.

Each is told by what both say: patterns of what each objects, where nothing means that it takes the module.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A known difference."""

    judge: str
    ours: str
    theirs: str
    reason: str

    def explains(self, judge: str, ours: str, theirs: str) -> bool:
        return judge == self.judge and bool(matches(self.ours, ours) and matches(self.theirs, theirs))


def matches(pattern: str, objection: str) -> bool:
    return bool(re.search(pattern, objection)) if pattern and objection else pattern == objection


DIFFERENCES = [
    Difference(
        "wasmtime", "", "legacy_exceptions feature required", "exceptions as they were before: V8 has them, and wasmtime doesn't"
    ),
    Difference("wasmtime", r"pages of memory, and V8 takes at most", "", "V8 lets no memory have more than 16 GiB, now or later"),
    Difference("wasmtime", r"elements in a table, and V8 takes at most", "", "V8 lets no table begin with more than 10,000,000"),
    Difference(
        "wasmtime", "it uses compact imports, which V8 does not enable", "", "wasmtime enables that proposal, and V8 doesn't"
    ),
    Difference(
        "wasmtime",
        "integer representation too long",
        "",
        "in version 3.0 the limits of memories and tables of 32 bits may be as long as those of 64; V8 takes them at 5 bytes only",
    ),
    Difference(
        "V8",
        "malformed (heap|value|block) type",
        "",
        "an abstract type, or none, has one byte (§5.3.3); V8 takes the same number in more, and wasmtime doesn't",
    ),
    Difference(
        "V8",
        "malformed reference type",
        "",
        "elements are references (§5.3.4), as wasmtime has it; V8 takes any type where no table is filled",
    ),
    Difference(
        "V8",
        r"type mismatch: .*(any type|takes no reference)",
        "",
        "V8 takes a reference of unreachable code for anything, and the specification and wasmtime for a reference (appendix)",
    ),
    Difference(
        "V8",
        "exceptions of two kinds",
        "",
        "Envoys since 1.36 refuse exceptions as they are beside those as they were; the V8 of Node.js 24 is older, and takes both",
    ),
    Difference(
        "V8", "invalid result arity", "", "V8 reads how many types a select has as fewer than 32 bits; they have to be exactly one"
    ),
]


def explanation(judge: str, ours: str, theirs: str) -> Difference | None:
    return next((known for known in DIFFERENCES if known.explains(judge, ours, theirs)), None)
