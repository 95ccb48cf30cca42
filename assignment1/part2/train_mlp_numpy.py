"""Train the MLP on the moons by full-batch gradient descent; draw loss.png and accuracy.png."""

import sys
from pathlib import Path

import numpy as np
from mlp_numpy import MLP
from modules import CrossEntropy

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError
from rosenblatt.plotting import batch_color, new_figure, plot_accuracy, plot_loss, save_figure
from rosenblatt.progress_bar import written_loss

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_flags
from scripts import errors_in_one_line, load_datasets

LOWEST_ACCURACY = 0.6
"""Where axes of accuracies begin."""


def accuracy(predictions, targets):
    """Return the share of rows whose most probable class is that of the one-hot targets (N, C)."""
    return float(np.mean(predictions.argmax(axis=1) == targets.argmax(axis=1)))


def train_epoch(mlp, x, targets, learning_rate):
    """Make one update of ``mlp`` on samples x (N, D), and return the loss before it.

    :func:`train` makes the same updates in the library.
    """
    loss, probabilities = CrossEntropy(), mlp.forward(x)
    mlp.backward(loss.backward(probabilities, targets))
    mlp.update(learning_rate)
    return loss.forward(probabilities, targets)


def train(flags, folder, callbacks=()):
    """Train on the data sets in ``folder`` as ``flags`` say; return the run."""
    train_set, test_set = load_datasets(folder)
    mlp = MLP(train_set.n_features, flags.dnn_hidden_units, train_set.n_classes, flags.seed)
    return rb.train(
        mlp.model,
        train_set,
        test=test_set,
        optimizer=rb.SGD(flags.learning_rate),
        epochs=flags.max_steps,
        batch_size=flags.batch_size,
        seed=flags.seed,
        eval_every=flags.eval_freq,
        init_params=mlp.params,
        callbacks=callbacks,
    )


def describe(row):
    """Return one line about an evaluation."""
    sets = (
        f"{name} loss {written_loss(row[f'{name}_loss'], digits=6)}, "
        f"accuracy {100 * row[f'{name}_accuracy']:.2f} %"
        for name in ("train", "test")
    )
    return f"epoch {row['epoch']}: {'; '.join(sets)}"


def draw(run, folder, suffix="", title=None):
    """Write loss<suffix>.png and accuracy<suffix>.png, curves of both sets, in ``folder``.

    The axes begin and end where those of other batch sizes do, which start from the same weights:
    the loss at its first value, the accuracy at 60 %, or at its first value where that is lower.
    """
    history, color = run.history, batch_color(run.settings["batch_size"])
    for name, plot in (("loss", plot_loss), ("accuracy", plot_accuracy)):
        figure, (ax,) = new_figure()
        curves = history[f"train_{name}"], history[f"test_{name}"]
        plot(ax, history["epoch"], *curves, color=color, title=title)
        firsts = [float(curve[0]) for curve in curves]
        if name == "loss":
            ax.set_ylim(0, 1.05 * max(firsts))
        else:
            ax.set_ylim(min(LOWEST_ACCURACY, *firsts) - 0.01, 1.01)
        save_figure(figure, folder / f"{name}{suffix}.png")


def main(flags, folder):
    """Train, print the first and the last evaluation, draw."""
    train_and_draw(flags, folder, folder)


def train_and_draw(flags, folder, pictures, by_batch_size=False):
    """Train on the data sets in ``folder``; draw in ``pictures``, by batch size where asked."""
    run = train(flags, folder, [rb.Progress()])
    if run.history:
        print(describe(run.history[0]), describe(run.history[-1]), sep="\n")
    if len(run.history) > 1:
        size = run.settings["batch_size"]
        suffix, title = (f"_batch_size_{size}", f"B = {size}") if by_batch_size else ("", None)
        draw(run, pictures, suffix, title)
        written = [pictures / f"{name}{suffix}.png" for name in ("loss", "accuracy")]
        print(", ".join(path.relative_to(folder).as_posix() for path in written))
    if run.diverged:
        raise ConfigurationError(run.stopped)


if __name__ == "__main__":
    with errors_in_one_line():
        main(parse_flags(sys.argv[1:], __doc__), Path(__file__).resolve().parent)
