"""The inputs of a run as one value: asked, packed beside the run, and unpacked years later to be asked again."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from reconciliation.matching.columns import Lines, Pairs, Transfers, digest_of, ints
from reconciliation.matching.decide import Result, propose
from reconciliation.matching.keys import pairs_by_keys
from reconciliation.matching.policy import Policy, Tolerance

# Signs that no text from a bank or a person keeps: they part texts and names in the packed form.
PART, NAME = "\x1e", "\x1f"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Columns, what people dismissed (transfer, line), the policy. `waiting`: transfers whose customer was asked something;
    `composed`: those with a surcharge, or a withholding voucher beside them.
    """

    transfers: Transfers
    lines: Lines
    dismissed: list[tuple[int, int]]
    policy: Policy
    waiting: frozenset[int]
    composed: frozenset[int] = frozenset()

    def digest(self) -> str:
        """SHA-256 of everything that the result depends on."""
        asked = [self.dismissed, _policy_as_json(self.policy), sorted(self.waiting)]
        if self.composed:  # runs without any keep the digest that they always had
            asked.append(sorted(self.composed))
        rest = json.dumps(asked, sort_keys=True)
        return hashlib.sha256((digest_of(self.transfers, self.lines) + rest).encode()).hexdigest()

    def ask(self) -> Result:
        """What the rules say."""
        pairs = pairs_by_keys(self.transfers, self.lines) if self.dismissed else None
        return propose(self.transfers, self.lines, None if pairs is None else self._without_dismissed(pairs), self.policy)

    def _without_dismissed(self, pairs: Pairs) -> Pairs:
        place_t = {int(pk): place for place, pk in enumerate(self.transfers.id)}
        place_l = {int(pk): place for place, pk in enumerate(self.lines.id)}
        wide = max(1, len(self.lines))
        out = [place_t[t] * wide + place_l[m] for t, m in self.dismissed if t in place_t and m in place_l]
        kept = ~np.isin(pairs.transfer * wide + pairs.line, ints(out))
        return Pairs(transfer=pairs.transfer[kept], line=pairs.line[kept], crowded=pairs.crowded)


def results_digest(result: Result) -> str:
    """SHA-256 of every proposal of a result."""
    total = hashlib.sha256()
    for column in vars(result.ones).values():
        total.update(np.ascontiguousarray(column).tobytes())
    total.update(repr(result.groups).encode())
    return total.hexdigest()


def pack(inputs: Inputs) -> bytes:
    """Everything in one compressed value. Texts that hold the parting signs lose them."""
    arrays: dict[str, Any] = {}
    for prefix, rows in (("t", inputs.transfers), ("l", inputs.lines)):
        for each in fields(rows):
            column = getattr(rows, each.name)
            arrays[f"{prefix}_{each.name}"] = column if isinstance(column, np.ndarray) else _bytes(column)
    rest = {"dismissed": inputs.dismissed, "policy": _policy_as_json(inputs.policy), "waiting": sorted(inputs.waiting)}
    rest["composed"] = sorted(inputs.composed)
    arrays["rest"] = np.frombuffer(json.dumps(rest).encode(), dtype=np.uint8)
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    return zlib.compress(packed.getvalue(), 1)


def unpack(packed: bytes) -> Inputs:
    """The inputs as they were packed. Raises `ValueError` when they are not whole."""
    try:
        arrays = np.load(io.BytesIO(zlib.decompress(packed)), allow_pickle=False)
        rest = json.loads(arrays["rest"].tobytes())
        return Inputs(
            transfers=Transfers(**_unpacked(Transfers, "t", arrays)),
            lines=Lines(**_unpacked(Lines, "l", arrays)),
            dismissed=[(transfer, line) for transfer, line in rest["dismissed"]],
            policy=_policy_from_json(rest["policy"]),
            waiting=frozenset(rest["waiting"]),
            composed=frozenset(rest.get("composed", ())),
        )
    except (zlib.error, KeyError, OSError) as error:
        raise ValueError("the stored inputs are not whole") from error


def _unpacked(columns: type[Transfers] | type[Lines], prefix: str, arrays: Any) -> dict[str, Any]:
    size = len(arrays[f"{prefix}_id"])
    found: dict[str, Any] = {}
    for each in fields(columns):
        if f"{prefix}_{each.name}" not in arrays:
            # Runs of earlier rules did not count zeros.
            continue
        column = arrays[f"{prefix}_{each.name}"]
        if column.dtype != np.uint8:
            found[each.name] = column
            continue
        texts = column.tobytes().decode().split(PART) if size else []
        names = each.name == "payer_names"
        found[each.name] = [tuple(text.split(NAME)) if text else () for text in texts] if names else texts
    return found


def _bytes(column: Any) -> Any:
    texts = [NAME.join(_plain(name) for name in each) if isinstance(each, tuple) else _plain(each) for each in column]
    return np.frombuffer(PART.join(texts).encode(), dtype=np.uint8)


def _plain(text: str) -> str:
    return text.replace(PART, "").replace(NAME, "")


def _policy_as_json(policy: Policy) -> dict[str, Any]:
    return {
        "decimals": policy.decimals,
        "resting": sorted(policy.resting),
        "closed": [list(span) for span in policy.closed],
        "limit": sorted(policy.limit.items()),
        "tolerances": [vars(each) for each in policy.tolerances],
    }


def _policy_from_json(row: dict[str, Any]) -> Policy:
    return Policy(
        decimals=row["decimals"],
        resting=frozenset(row["resting"]),
        closed=tuple((first, last) for first, last in row["closed"]),
        limit=dict((account, limit) for account, limit in row["limit"]),  # noqa: C402 - pairs of JSON are lists
        tolerances=tuple(Tolerance(**each) for each in row["tolerances"]),
    )
