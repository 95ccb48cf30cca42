"""File formats of datasets, one module each.

A new format is one module with a :class:`~rosenblatt.data.readers.reader.Reader`, and one line in
``READERS``: ``load``, ``load_inputs``, ``columns``, ``save`` and the command line then take it.
"""

from rosenblatt.data.readers.csv_files import CSV
from rosenblatt.data.readers.npz_files import NPZ
from rosenblatt.data.readers.parquet_files import PARQUET
from rosenblatt.data.readers.reader import Reader

READERS: dict[str, Reader] = {
    ".csv": CSV,
    ".npz": NPZ,
    ".parquet": PARQUET,
}
"""The file formats by suffix."""
