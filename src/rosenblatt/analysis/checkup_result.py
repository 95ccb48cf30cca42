"""The result of a check-up: findings, and the measurements that they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from rosenblatt.analysis.explain_result import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that keeps a run from learning, or may.

    Attributes:
        id: its name, such as "rate_too_low"; the same in every version.
        severity: "error" where the run cannot learn like this, "warning" where it learns worse than
            it could, "note" for what is good to know.
        title: what is wrong, in a few words.
        measured: what was measured, with the numbers and the limit.
        meaning: what it means.
        advice: what to do.
        python: how to do it in Python; empty where there is nothing to write.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(50, means=[(2, 2), (-2, -2)], seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, optimizer=rb.SGD(1e-6), epochs=5)
    >>> finding = rb.checkup(run).findings[0]
    >>> finding.id, finding.severity
    ('not_learned', 'error')
    """

    id: str
    severity: Severity
    title: str
    measured: str
    meaning: str
    advice: str
    python: str = ""


@dataclass(frozen=True, repr=False)
class Checkup:
    """What :func:`rosenblatt.checkup` returns.

    Attributes:
        findings: errors first, then warnings and notes.
        measures: everything that was measured, by name, as plain values:
            "start": loss before the first update; "chance": the loss of a network that knows
            nothing (ln C), or of the mean in regression; "constant": the smallest loss of a
            constant output; "end": the training loss at the end; "accuracy": that of the end on the
            training set, in regression R²;
            "layers": for each layer with parameters its "gradient_norm", "weight_norm" and
            "update_ratio" ‖Δθ‖ / ‖θ‖ at the start ("…_start") and the end ("…_end");
            "activations": for each activation the shares "dead" and "saturated", start and end;
            "inputs": rms, mean and standard deviation of each feature;
            "classes": samples of each class;
            "rates": "rate", "loss" and "diverged" of 64 learning rates, "best", "own", "progress";
            "ten_samples": "loss" and "accuracy" after fitting ten samples;
            "shuffled": "loss" with the labels, "losses" with shuffled ones, and "p";
            "wider": "loss" and "accuracy" of a wider network and of this one, where compared.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(50, means=[(2, 2), (-2, -2)], seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, optimizer=rb.SGD(1e-6), epochs=5)
    >>> checkup = rb.checkup(run)
    >>> checkup.findings[0].severity, round(checkup.measures["chance"], 4)
    ('error', 0.6931)
    """

    findings: tuple[Finding, ...]
    measures: Mapping[str, Any]

    @property
    def healthy(self) -> bool:
        """Whether there is no error and no warning."""
        return all(finding.severity == "note" for finding in self.findings)

    def __contains__(self, name: object) -> bool:
        return any(finding.id == name for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain values that JSON can hold; NaN and infinities are None."""
        return {
            "healthy": self.healthy,
            "findings": [vars(finding).copy() for finding in self.findings],
            "measures": _plain(self.measures),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the training loss against the learning rate, with the rate of the run.

        Args:
            ax: where to draw; a new figure by default, which is ``ax.figure``.
        """
        from rosenblatt.plotting import new_figure, plot_learning_rates

        if ax is None:
            ax = new_figure()[1][0]
        rates = self.measures["rates"]
        plot_learning_rates(
            ax,
            rates["rate"],
            rates["loss"],
            own=rates["own"],
            best=rates["best"],
            start=self.measures["start"],
        )
        return ax

    def __str__(self) -> str:
        if not self.findings:
            return f"Nothing found. {self._summary()}"
        lines = [self._summary()]
        for finding in self.findings:
            lines += ["", f"{finding.severity}: {finding.title}  [{finding.id}]"]
            lines += [f"  {finding.measured}", f"  {finding.meaning}", f"  {finding.advice}"]
            lines += [f"    {line}" for line in finding.python.splitlines()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        kinds = [finding.severity for finding in self.findings]
        return f"Checkup({', '.join(f'{kind}s={kinds.count(kind)}' for kind in SEVERITIES)})"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><b>{one.severity}</b></td><td style='text-align:left'><b>"
            f"{escape(one.title)}</b><br>{escape(one.measured)}<br>{escape(one.meaning)}<br>"
            f"{escape(one.advice)}<pre>{escape(one.python)}</pre></td></tr>"
            for one in self.findings
        )
        rows = rows or "<tr><td>nothing found</td></tr>"
        return f"<p>{escape(self._summary())}</p><table>{rows}</table>"

    def _summary(self) -> str:
        start, end = self.measures["start"], self.measures["end"]
        return f"The training loss went from {start:.4g} to {end:.4g}."


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings with the worst first."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return plain(value)
