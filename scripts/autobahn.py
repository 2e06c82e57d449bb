"""Runs Autobahn's fuzzing client against our WebSocket server: `python scripts/autobahn.py PYTHON2 [CASE...]`.

PYTHON2 is a Python 2.7 that has the suite, which no newer Python runs: `pip install 'virtualenv<20.22'` and
`pip install autobahntestsuite` in an environment made with it. Without cases, sections 1 to 7 (framing to closing) are
run; compression (12, 13) is not on offer. The exit code is 1 when a case fails. It is no part of `make test`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

_SECTIONS: Final = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*")
_SERVE: Final = (sys.executable, "-m", "chatcore_cli", "serve", "--listen", "ws+echo://127.0.0.1:0")
_RUN: Final = "from autobahntestsuite.wstest import run; run()"


def main(python2: str, *cases: str) -> int:
    """Run the cases and print what became of them."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(_SERVE, stdout=subprocess.PIPE, text=True) as server,
    ):
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1].replace("+echo", "")
        spec = Path(folder, "spec.json")
        spec.write_text(
            json.dumps(
                {
                    "outdir": folder,
                    "servers": [{"agent": "chatcore", "url": url, "options": {"version": 18}}],
                    "cases": cases or _SECTIONS,
                    "exclude-cases": [],
                    "exclude-agent-cases": {},
                }
            )
        )
        try:
            subprocess.run(
                [python2, "-c", _RUN, "-m", "fuzzingclient", "-s", spec], check=True, stdout=subprocess.DEVNULL
            )
        finally:
            server.terminate()
        results = json.loads(Path(folder, "index.json").read_text())["chatcore"]
    kinds = ("behavior", "behaviorClose")
    failed = [
        case for case, result in results.items() if not {"FAILED", "WRONG CODE"}.isdisjoint(map(result.get, kinds))
    ]
    print(*(f"{count} {kind}" for kind, count in Counter(result["behavior"] for result in results.values()).items()))
    print("failed:", *failed or ["none"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
