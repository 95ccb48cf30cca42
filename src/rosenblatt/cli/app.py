"""The table of commands. Each is named by its module, which is imported when it is used."""

from cyclopts import App

from rosenblatt import __version__
from rosenblatt.cli.sweep_options import SweepOptions
from rosenblatt.settings.config_file import read_config

app = App(
    name="rosenblatt",
    help="Perceptrons and multi-layer perceptrons you can read, trained and measured honestly.",
    version=f"rosenblatt {__version__}",
    config=read_config,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)
train = App(name="train", help="Train a model on a generator's data or on a file.", sort_key=2)
data = App(name="data", help="Make data, and look at it.", sort_key=4)
runs = App(
    name="runs",
    help="List, show, compare, resume, fork and remove runs that --run has saved.",
    sort_key=3,
)
sweep = App(
    name="sweep",
    sort_key=2,
    help=(
        "Train networks over all combinations of settings, and map what comes of it.\n\n"
        "FILE is a TOML file with the settings of train mlp and a table [over] of those to go "
        "over, such as learning_rate = {logspace = [0.001, 1], n = 32} or hidden = [[8], [32]]; "
        "seeds = 20 gives each combination 20 seeds, and measure = "
        '["first_epoch(test_accuracy>=0.9)", "largest_eigenvalue"] further columns. With --out, '
        "results are written to a folder as they come: sweep resume continues after an "
        "interruption, and the same command with more values computes only what is new."
    ),
)
lab = App(
    name="lab",
    sort_key=4,
    help=(
        "Find a bug from its symptoms.\n\n"
        "One of 40 bugs is planted into a small network in NumPy, chosen by a seed. Curves and "
        "gradients show what it does, and a repair is confirmed by its numbers."
    ),
)
app.command(train)
app.command(sweep)
app.command(lab)
app.command(data)
app.command(runs)


@sweep.default
def _sweep(options: SweepOptions) -> int:
    from rosenblatt.cli.sweep_commands import sweep_file

    return sweep_file(options)


# The help of a command stands here so that a list of commands imports none of them.
app.command(
    "rosenblatt.cli.report_command:report",
    name="report",
    sort_key=1,
    help=(
        "Run the experiments and write the report about them.\n\n"
        "The report is one page that opens offline, with its figures, tables and rows as files "
        "next to it. Results are cached in its folder cache: after an interruption the next run "
        "computes the rest, and later ones only what is new to this version of the code. A run of "
        "all experiments removes the results of other versions; those of --only or other --seeds "
        "stay. Dask must be installed for --dask: pip install 'rosenblatt[dask]'."
    ),
)
app.command(
    "rosenblatt.cli.reproduce_command:reproduce",
    name="reproduce",
    sort_key=1,
    help=(
        "Compute known results about small networks again, and write a page about each.\n\n"
        "NAME is one of them, such as xor or capacity; without one, all are computed. A page has "
        "what was published beside what comes out here, and a verdict on each claim. After an "
        "interruption the same command computes the rest."
    ),
)
train.command(
    "rosenblatt.cli.train_commands:train_perceptron",
    name="perceptron",
    sort_key=1,
    help=(
        "Train Rosenblatt's perceptron on two classes.\n\n"
        "DATA is divided into training and test rows. Three sets of weights are measured on "
        "both: the last, those with the fewest mistakes on the training rows (the pocket), "
        "and the average over all updates."
    ),
)
train.command(
    "rosenblatt.cli.train_commands:train_mlp",
    name="mlp",
    sort_key=2,
    help=(
        "Train a multi-layer perceptron, on classes or on values.\n\n"
        "DATA is divided into training and test rows. With --patience, a part of the training "
        "rows decides when to stop, and the test rows decide nothing."
    ),
)
app.command(
    "rosenblatt.cli.predict_command:predict",
    name="predict",
    sort_key=3,
    help=(
        "Predict with a saved model.\n\n"
        "Inputs are scaled as in training. Where DATA has labels too, the predictions are "
        "measured by them. The label column is the one that --label names, or that the model "
        "was trained with, or that has a usual name such as label or target; a file with none "
        "of these has no labels."
    ),
)
data.command(
    "rosenblatt.cli.data_commands:data_make",
    name="make",
    sort_key=1,
    help="Write a generator's data to a file, labels in the last column.",
)
data.command(
    "rosenblatt.cli.data_commands:data_show",
    name="show",
    sort_key=2,
    help="Summarise data, and draw it: its classes, every feature's range, its hash.",
)
runs.command(
    "rosenblatt.cli.runs_list:runs_list",
    name="list",
    sort_key=1,
    help=(
        "List the runs in a folder.\n\n"
        "Columns to sort and filter by are id, state, epoch, epochs, updates, seconds, members, "
        "seed, model, loss, optimizer, learning_rate, batch_size, engine, dtype, samples, "
        "train_loss, train_accuracy, test_loss, test_accuracy, begun, changed, stopped, fork and "
        "damage. A filter compares one of them by <, <=, >, >=, = or !=; text by = and !=, with * "
        "for anything. An index in the folder, .index.sqlite, makes it quick; it is made again "
        "where it is missing."
    ),
)
runs.command(
    "rosenblatt.cli.runs_show:runs_show",
    name="show",
    sort_key=2,
    help="Show the settings of a run, its progress, its results, and its checkpoints.",
)
runs.command(
    "rosenblatt.cli.runs_show:runs_compare",
    name="compare",
    sort_key=3,
    help=(
        "Compare the final metrics of runs, and draw their curves.\n\n"
        "Of a population the table has means and standard deviations over its seeds, and the "
        "figure bands; --pool does the same for single runs that differ in nothing but their seeds."
    ),
)
runs.command(
    "rosenblatt.cli.runs_resume:runs_resume",
    name="resume",
    sort_key=4,
    help=(
        "Resume a run from its newest sound checkpoint.\n\n"
        "The end is that of a run that was never interrupted: to the last bit on the same kind of "
        "machine with the same versions, else up to rounding, and a warning says what has changed. "
        "A run that has ended is shown again, and files that its folder lacks are written again."
    ),
)
runs.command(
    "rosenblatt.cli.runs_resume:runs_fork",
    name="fork",
    sort_key=5,
    help=(
        "Train a second branch of a run, from any epoch or update on.\n\n"
        "The branch has the run's data and its random streams; without another learning rate, "
        "batch size or number of epochs it is the run again."
    ),
)
runs.command(
    "rosenblatt.cli.runs_list:runs_rm",
    name="rm",
    sort_key=6,
    help=(
        "Remove runs, with all files in their folders.\n\n"
        "It asks first on a terminal, and needs --yes elsewhere. A run that is being trained and "
        "a folder that is not a run are refused."
    ),
)
sweep.command(
    "rosenblatt.cli.sweep_commands:sweep_resume",
    name="resume",
    sort_key=1,
    help=(
        "Continue an interrupted sweep from its folder.\n\n"
        "Nothing is computed twice, and the folder ends with the bytes of a sweep that was never "
        "interrupted, on the same kind of machine with the same versions."
    ),
)
sweep.command(
    "rosenblatt.cli.sweep_commands:sweep_show",
    name="show",
    sort_key=2,
    help="Show the best settings of a sweep in a folder: means and deviations over the seeds.",
)
sweep.command(
    "rosenblatt.cli.sweep_figures:sweep_map",
    name="map",
    sort_key=3,
    help=(
        "Draw a measure over two settings of a sweep in a folder.\n\n"
        "Each cell is the mean over the seeds that have not diverged, and cells in which all have "
        "are hatched."
    ),
)
sweep.command(
    "rosenblatt.cli.sweep_figures:sweep_curves",
    name="curves",
    sort_key=4,
    help=(
        "Draw a measure against a setting of a sweep in a folder.\n\n"
        "The curves are means with 95 % intervals over the networks that have not diverged."
    ),
)
sweep.command(
    "rosenblatt.cli.sweep_figures:sweep_parallel",
    name="parallel",
    sort_key=5,
    help=(
        "Draw a line for each combination of settings of a sweep in a folder.\n\n"
        "The lines pass through a vertical axis for each setting and end at the mean of the "
        "measure, whose colour they have: the better, the darker."
    ),
)
app.command(
    "rosenblatt.cli.completion:install_completion",
    name="--install-completion",
    sort_key=7,
    help="Install completion for your shell.",
)
app.command(
    "rosenblatt.cli.studio_command:studio",
    name="studio",
    sort_key=0,
    help=(
        "Open a page in the browser on which a network is built, trained, rewound and branched.\n\n"
        "The page is served from this machine, and needs the address that is printed. Without DATA "
        "it begins with a generator's."
    ),
)
app.command(
    "rosenblatt.cli.gradcheck_command:gradcheck",
    name="gradcheck",
    sort_key=5,
    help=(
        "Compare the gradients of every layer under every loss with differences of the loss.\n\n"
        "The table has the largest error over all parameters and inputs, relative to the "
        "gradient's largest entry, in float64. The exit status is 1 if one is not below the "
        "tolerance."
    ),
)
app.command(
    "rosenblatt.cli.check_command:check",
    name="check",
    sort_key=4,
    help=(
        "Check hand-written backpropagation: where it is wrong, and why.\n\n"
        "The file runs in a process of its own, with limits on time, memory and files. Its "
        "gradients are compared with differences of its own loss, and mistakes are named. The "
        "exit status is 0 if nothing is wrong, 1 if something is, and 2 if nothing could be "
        "checked.\n\n"
        "With --assignment part2 FOLDER, a submission is graded by a rubric; with --all FOLDER "
        "--out grades.csv, those of a class."
    ),
)
for _name, _function, _help in (
    ("new", "lab_new", "Write a folder with a program that has a bug, the task and the symptoms."),
    ("symptoms", "lab_symptoms", "Draw and describe how the program behaves now."),
    ("hint", "lab_hint", "Print a hint: the place, a question, or the line and the formula."),
    (
        "check",
        "lab_check",
        "Check a repair by its numbers; the exit status is 0 if it is right and 1 if not.",
    ),
    ("give-up", "lab_give_up", "Print the answer: the line, the right code, the explanation."),
    ("list", "lab_list", "Print how many bugs there are of each difficulty."),
    (
        "sheet",
        "lab_sheet",
        "Write an exercise for each student of a class, and the answers for the teacher.",
    ),
):
    lab.command(f"rosenblatt.cli.lab_commands:{_function}", name=_name, help=_help)
