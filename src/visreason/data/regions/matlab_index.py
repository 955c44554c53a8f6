"""Reading ADE20K's index in a process of its own: SciPy's reader of MATLAB files can crash on a damaged one.

    python -m visreason.data.regions.matlab_index index_ade20k.mat

prints the index as JSON, or exits with 1 and says on standard error what is wrong.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from visreason.errors import DataError

KEYS = ("filename", "folder", "typeset", "objectnames")


def read_index(path: Path) -> dict[str, list[Any]]:
    """The index of the 2016 release: file names, folders, splits (1 training, 2 validation) and the objects' names.

    Raises:
        DataError: it is missing, no MATLAB file, or has none of these.
    """
    if not path.is_file():
        raise DataError(f"{path} cannot be read: there is no such file.")
    command = [sys.executable, "-m", __name__, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        why = lines[-1] if done.returncode == 1 and lines else "it is damaged"
        raise DataError(f"{path} is not the index of ADE20K: {why}. Copy or download it again.")
    return {key: list(values) for key, values in json.loads(done.stdout).items()}


def main(path: str) -> int:
    """Print what a file says; what SciPy raises of a broken one is shown by Python, last line last."""
    from scipy.io import loadmat

    index = loadmat(path, squeeze_me=True, struct_as_record=False)["index"]
    found = {key: getattr(index, key).tolist() for key in KEYS}
    if len({len(found[key]) for key in KEYS[:3]}) > 1 or not all(map(int, found["typeset"])):
        raise ValueError("its lists are of different lengths")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
