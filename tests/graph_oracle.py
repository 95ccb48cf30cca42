"""NumPy's own evaluation of a graph: the oracle of all lowerings."""

import numpy as np

from rosenblatt.engines.compiled.graph import live

UFUNCS = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "max": np.maximum, "min": np.minimum, "fmax": np.fmax, "fmin": np.fmin, "exp": np.exp,
    "log": np.log, "log1p": np.log1p, "expm1": np.expm1, "tanh": np.tanh, "sqrt": np.sqrt,
    "abs": np.absolute, "pow": np.power, "sign": np.sign, "floor": np.floor, "ceil": np.ceil,
    "rint": np.rint, "trunc": np.trunc, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "arctan": np.arctan, "arcsin": np.arcsin, "arccos": np.arccos, "sinh": np.sinh,
    "cosh": np.cosh, "arcsinh": np.arcsinh, "arctanh": np.arctanh, "exp2": np.exp2,
    "log2": np.log2, "log10": np.log10, "cbrt": np.cbrt, "arctan2": np.arctan2,
    "copysign": np.copysign, "gt": np.greater, "ge": np.greater_equal, "lt": np.less,
    "le": np.less_equal, "eq": np.equal, "ne": np.not_equal, "isnan": np.isnan,
    "isfinite": np.isfinite, "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
    "where": np.where,
}  # fmt: skip


def evaluate(outputs, leaves, length):
    """Return the arrays of nodes, for a batch of ``length`` samples.

    ``leaves(node)`` gives the array of a leaf that is not a constant.
    """
    known = {}
    with np.errstate(all="ignore"):
        for node in live(outputs):
            known[node] = _value(node, [known[arg] for arg in node.args], leaves, length)
    return [known[node] for node in outputs]


def _value(node, args, leaves, length):
    shape = tuple(
        length if hasattr(n, "bit_count") and type(n) is not int else n for n in node.shape
    )
    match node.op:
        case "const":
            return np.float64(node.attr)
        case "table":
            return np.frombuffer(node.attr).reshape(node.shape)
        case "matmul":
            return args[0] @ args[1]
        case "T":
            return args[0].transpose(node.attr)
        case "reshape":
            return args[0].reshape(shape)
        case "fill":
            return np.full(shape, args[0])
        case "cast":
            return args[0].astype(np.float64)
        case "rsum":
            return args[0].sum(axis=node.attr, keepdims=True)
        case "rmax":
            return args[0].max(axis=node.attr, keepdims=True)
        case "argmax":
            return args[0].argmax(axis=1)[:, np.newaxis].astype(float)
        case "index":
            return args[0][_index(node.attr, shape)]
        case op if op in UFUNCS:
            return UFUNCS[op](*args)
        case _:
            return leaves(node)


def _index(spec, shape):
    """Return NumPy's index of an ``index`` node with a result of this shape."""
    index, lengths = [], iter(shape)
    for part in spec:
        if part[0] == "fix":
            index.append(part[2])
            continue
        length = next(lengths)
        if part[0] == "new":
            index.append(np.newaxis)
        else:
            _, _, start, step = part
            stop = start + step * length
            index.append(slice(start, stop if stop >= 0 else None, step))
    return tuple(index)
