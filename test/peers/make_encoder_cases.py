"""Draws small encoders of other libraries and what those compute: make_encoder_cases.py SEED COUNT FOLDER [--only timm|…] [--refused]"""
import argparse
import shutil
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import torch  # noqa: E402
from peer_case import Draw  # noqa: E402

LIBRARIES = ["timm", "transformers", "open_clip", "research"]


def draw_case(cases, folder, seed):
    """Not every mixture of options is one that a library builds: then another is drawn."""
    for attempt in range(10):
        try:
            return cases.make(folder, Draw(f"{seed} {attempt}"))
        except Exception as e:
            where = traceback.extract_tb(e.__traceback__)[-1]
            print(f"{folder.name}: drawn again ({type(e).__name__} {str(e)[:90]!r}, {Path(where.filename).name}:{where.lineno})", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(f"{folder.name}: none of ten mixtures can be built")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("seed", type=int)
    p.add_argument("count", type=int, help="cases of each library")
    p.add_argument("folder", type=Path)
    p.add_argument("--only", choices=LIBRARIES)
    p.add_argument("--refused", action="store_true", help="also architectures that are to be refused, all that are known here")
    o = p.parse_args()
    torch.set_num_threads(1)
    for library in [o.only] if o.only else LIBRARIES:
        cases = __import__(f"{library}_cases")
        for i in range(o.count):
            draw_case(cases, o.folder / f"{library}_{o.seed}_{i:03}", f"{o.seed} {library} {i}")
        if o.refused:
            for name in getattr(cases, "REFUSED", []):
                cases.make_refused(o.folder / f"{library}_refused_{name}", Draw(f"{o.seed} {name}"), name)


if __name__ == "__main__":
    main()
