"""Columns of an Arrow schema that hold an index of pandas, as its metadata says."""

from typing import TYPE_CHECKING

from rosenblatt import limits

if TYPE_CHECKING:
    import pyarrow as pa

_UNNAMED = "__index_level_"
"""How pandas calls the column of an index without a name."""


def index_columns(schema: "pa.Schema") -> set[str]:
    """Return the names of the columns that pandas would give back as an index.

    It writes them into the metadata: a name, or a description of an index that has no column, such
    as row numbers.

    Raises:
        FileError: the metadata is not JSON.
    """
    unnamed = {name for name in schema.names if name.startswith(_UNNAMED)}
    metadata = schema.metadata or {}
    if b"pandas" not in metadata:
        return unnamed
    document = limits.parse_json(metadata[b"pandas"], "the metadata that pandas wrote")
    columns = document.get("index_columns") if isinstance(document, dict) else None
    if not isinstance(columns, list):
        return unnamed
    return unnamed | {name for name in columns if isinstance(name, str)}
