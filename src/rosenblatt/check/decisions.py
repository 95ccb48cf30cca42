"""Findings of one part of a file that other parts make right, or wrong."""

from typing import Any

from rosenblatt.check.source.subjects import Facts


def decided(findings: list[dict[str, Any]], facts: Facts) -> list[dict[str, Any]]:
    """Drop findings that other parts of a file make right; add what two parts make wrong."""
    kept = []
    for finding in findings:
        where = finding["where"]
        if (
            finding["mistake"] == "batch-factor"
            and where in facts.summed_gradients
            and facts.averaged_layers
        ):
            continue
        if (
            finding["mistake"] == "activation-derivative-missing"
            and any(where.startswith(name) for name in facts.softmax_identity)
            and (facts.fused_losses or not facts.averaged_losses)
        ):
            continue
        kept.append(finding)
    # Next to a loss that takes probabilities, the softmax is that of this other one.
    if facts.fused_losses and facts.softmax_jacobian and not facts.unfused_losses:
        kept.append(
            {
                "mistake": "loss-gradient-mismatch",
                "where": facts.fused_losses[0],
                "text": f"The gradient p − y includes the softmax, and {facts.softmax_jacobian[0]} "
                "multiplies by its derivative once more.",
            }
        )
    if facts.averaged_layers and facts.averaged_losses and not facts.summed_gradients:
        kept.append(
            {
                "mistake": "batch-factor",
                "where": facts.averaged_layers[0],
                "text": f"{facts.averaged_losses[0]} divides by the number of samples already, "
                f"and {facts.averaged_layers[0]} does it again.",
            }
        )
    return kept
