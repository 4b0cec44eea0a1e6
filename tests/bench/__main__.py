"""`make bench`: figures beside named baselines measured in the same run, into build/bench.json.

Old output is removed first; the file appears only when every part ran to its end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

OUTPUT = Path("build/bench.json")


def main() -> int:
    from tests.bench import decisions, engine, scale, studio

    OUTPUT.unlink(missing_ok=True)
    figures: dict[str, float] = {}
    figures.update(engine.run())
    figures.update(decisions.run())
    figures.update(studio.run())
    figures.update(scale.run())
    OUTPUT.parent.mkdir(exist_ok=True)
    partial = OUTPUT.with_suffix(".part")
    partial.write_text(json.dumps(figures, indent=1, sort_keys=True))
    partial.replace(OUTPUT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
