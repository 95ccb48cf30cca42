"""Numbers of samples into lanes, and sums over lanes, by few exchanges between vectors."""

from collections.abc import Sequence

from rosenblatt.engines.compiled.ir import Code


def lane_sums(
    code: Code, vectors: Sequence[str], width: int | None = None, added: str | None = None
) -> str:
    """Return a vector with, in lane l, the sum over the lanes of the l-th of some vectors.

    It has as many lanes as the vectors, or ``width``, a smaller power of 2. ``added`` is a vector
    that is added to it.
    """
    lanes = code.lanes
    rows = [*vectors, *["poison"] * ((width or lanes) - len(vectors))]
    half = 1
    while len(rows) > 1:
        low: list[int] = []
        high: list[int] = []
        for block in range(0, lanes, 2 * half):
            for start in (block, lanes + block):
                low += range(start, start + half)
                high += range(start + half, start + 2 * half)
        rows = [
            "poison"
            if a == b == "poison"
            else code.op("add", code.shuffle(a, b, low), code.shuffle(a, b, high))
            for a, b in zip(rows[::2], rows[1::2], strict=True)
        ]
        half *= 2
    total, width = rows[0], width or lanes
    while lanes > width:
        half = lanes // 2
        first = code.lanes_of(total, range(half), lanes)
        second = code.lanes_of(total, range(half, lanes), lanes)
        lanes = half
        with code.width(lanes):
            if added is not None and lanes == width:
                first, added = code.op("add", first, added), None
            total = code.op("add", first, second)
    if added is not None:
        with code.width(lanes):
            total = code.op("add", total, added)
    return total


def gathered(code: Code, pointers: Sequence[str], at: int | str) -> str:
    """Return a vector of the numbers ``at`` numbers from the pointer of each lane."""
    vector = "poison"
    for lane, pointer in enumerate(pointers):
        number = code.load(code.at(pointer, at), code.scalar, note=", !invariant.load !0")
        if code.lanes == 1:
            return number
        pair = f"{code.vector} {vector}, {code.scalar} {number}"
        vector = code.inst(f"insertelement {pair}, i32 {lane}")
    return vector


def columns_of(code: Code, rows: Sequence[str], count: int) -> list[str]:
    """Return ``count`` numbers from the pointer of each lane's row: a vector for each column.

    The rows are loaded whole. Of four vectors that have as many rows each, pairs are interleaved
    within 16 bytes, as one instruction does, and then put together.
    """
    lanes, per_16 = code.lanes, 16 // code.bytes
    with code.width(count):
        loads = [code.load(row, note=", !invariant.load !0") for row in rows]
    chosen = _rows_of_vectors(lanes, count, per_16)
    joined = [_joined(code, [loads[row] for row in numbers], count) for numbers in chosen]
    contents = [[(row, column) for row in numbers for column in range(count)] for numbers in chosen]
    pairs = []
    for a, b in ((0, 1), (2, 3)):
        for upper in (0, per_16 // 2):
            places = [
                base + start + upper + i
                for start in range(0, lanes, per_16)
                for i in range(per_16 // 2)
                for base in (0, lanes)
            ]
            inside = contents[a] + contents[b]
            pair = code.shuffle(joined[a], joined[b], places)
            pairs.append((pair, [inside[place] for place in places]))
    columns = []
    for column in range(count):
        first = next(i for i in (0, 1) if (chosen[0][0], column) in pairs[i][1])
        (low, in_low), (high, in_high) = pairs[first], pairs[first + 2]
        inside = in_low + in_high
        places = [inside.index((lane, column)) for lane in range(lanes)]
        columns.append(code.shuffle(low, high, places))
    return columns


def _rows_of_vectors(lanes: int, count: int, per_16: int) -> list[list[int]]:
    """Return which rows each of four vectors takes, so that rows end in order."""
    n = lanes // count
    if per_16 == 2 and n == 2:
        return [[0, 2], [1, 3], [4, 6], [5, 7]]
    return [[start + 4 * i for i in range(n)] for start in range(4)]


def _joined(code: Code, parts: list[str], lanes: int) -> str:
    """Return a vector of parts of ``lanes`` lanes, of which there are a power of two."""
    while len(parts) > 1:
        places = range(2 * lanes)
        parts = [
            code.shuffle(a, b, places, lanes) for a, b in zip(parts[::2], parts[1::2], strict=True)
        ]
        lanes *= 2
    return parts[0]
