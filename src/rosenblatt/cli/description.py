"""What data is, for results and in a line."""

from typing import TYPE_CHECKING, Any

from rosenblatt.errors import shorten

if TYPE_CHECKING:
    from rosenblatt.data import Dataset


def describe(data: "Dataset") -> dict[str, Any]:
    """Return what data is: where it is from, its size, its classes, its hash."""
    recipe = dict(data.recipe)
    source = str(recipe.pop("generator", None) or recipe.get("file") or "data")
    if "generator" in data.recipe:
        source += f"({', '.join(f'{name}={value}' for name, value in recipe.items())})"
    counts = [int((data.y == index).sum()) for index in range(data.n_classes)]
    return {
        "source": source,
        "rows": len(data),
        "features": data.n_features,
        "classes": dict(zip(data.class_names, counts, strict=True)) or None,
        "hash": data.content_hash,
    }


def summary(description: dict[str, Any]) -> str:
    """Return the data's description in one line."""
    classes = description["classes"]
    counts = [f"{name}: {count}" for name, count in (classes or {}).items()]
    labels = f"classes {shorten(counts)}" if counts else "values to predict"
    size = f"{description['rows']} rows × {description['features']} features"
    return f"{description['source']}: {size}; {labels}"
