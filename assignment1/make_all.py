"""Make every file of the report's tree: data sets, pictures, curves, and tables 1 and 2.

The flags are those of the scripts that train the MLP, such as ``--max_steps 100`` for a quick look.
Notebooks are kept as they were executed.
"""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parent / "part1"))
sys.path.append(str(Path(__file__).resolve().parent / "part2"))

from flags import parse_flags
from part1 import generate_dataset as gaussians
from part1 import show_datasets as show_gaussians
from part1 import table_1, table_2
from part1 import train as perceptron
from part2 import generate_dataset as moons
from part2 import show_datasets as show_moons
from part2 import train_mlp_numpy as mlp
from part3 import train_mlp_numpy as sgd
from scripts import errors_in_one_line

HERE = Path(__file__).resolve().parent
BATCH_SIZES = (1, 10, 100, 200, 400, 800)


def main(flags):
    """Run all scripts in the order of the report, and say which one runs."""
    part2, part3 = HERE / "part2", HERE / "part3"
    steps = [
        ("part1/generate_dataset.py", gaussians.main),
        ("part1/show_datasets.py", show_gaussians.main),
        ("part1/train.py", perceptron.main),
        ("part1/table_1.py", table_1.main),
        ("part1/table_2.py", table_2.main),
        ("part2/generate_dataset.py", lambda: moons.main(part2)),
        ("part2/show_datasets.py", lambda: show_moons.main(part2)),
        ("part2/train_mlp_numpy.py", lambda: mlp.main(flags, part2)),
        ("part3/generate_dataset.py", lambda: moons.main(part3)),
        ("part3/show_datasets.py", lambda: show_moons.main(part3)),
    ]
    for size in BATCH_SIZES:
        name = f"part3/train_mlp_numpy.py --sgd --batch_size {size}"
        steps.append((name, lambda size=size: sgd.main(replace(flags, batch_size=size), part3)))
    for number, (name, step) in enumerate(steps, start=1):
        print(f"[{number}/{len(steps)}] {name}", flush=True)
        step()


if __name__ == "__main__":
    with errors_in_one_line():
        main(parse_flags(sys.argv[1:], __doc__))
