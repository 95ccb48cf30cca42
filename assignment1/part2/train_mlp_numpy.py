"""Train the MLP on the moons by full-batch gradient descent; draw loss.png and accuracy.png."""

import sys
from pathlib import Path

from mlp_numpy import MLP

import rosenblatt as rb
from rosenblatt.cli.assignment_flags import parse_flags
from rosenblatt.cli.assignment_scripts import errors_in_one_line, load_datasets
from rosenblatt.errors import ConfigurationError
from rosenblatt.plotting import batch_color, new_figure, plot_accuracy, plot_loss, save_figure


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
        f"{name} loss {row[f'{name}_loss']:.6f}, accuracy {100 * row[f'{name}_accuracy']:.2f} %"
        for name in ("train", "test")
    )
    return f"epoch {row['epoch']}: {'; '.join(sets)}"


def draw(run, folder, suffix="", title=None):
    """Write loss<suffix>.png and accuracy<suffix>.png, curves of both sets, in ``folder``."""
    history, color = run.history, batch_color(run.settings["batch_size"])
    for name, plot in (("loss", plot_loss), ("accuracy", plot_accuracy)):
        figure, (ax,) = new_figure()
        curves = history[f"train_{name}"], history[f"test_{name}"]
        plot(ax, history["epoch"], *curves, color=color, title=title)
        save_figure(figure, folder / f"{name}{suffix}.png")


def main(flags, folder):
    """Train, print the first and the last evaluation, draw."""
    run = train(flags, folder, [rb.Progress()])
    if run.history:
        print(describe(run.history[0]), describe(run.history[-1]), sep="\n")
    if len(run.history) > 1:
        draw(run, folder)
        print("loss.png, accuracy.png")
    if run.diverged:
        raise ConfigurationError(run.stopped)


if __name__ == "__main__":
    with errors_in_one_line():
        main(parse_flags(sys.argv[1:], __doc__), Path(__file__).resolve().parent)
