"""The headings under which ``--help`` lists settings, in that order."""

from cyclopts import Group

DATA = Group("Data", sort_key=1)
MODEL = Group("Model", sort_key=2)
TRAINING = Group("Training", sort_key=3)
OPTIMIZER = Group("Optimizer", sort_key=4)
OUTPUT = Group("Output", sort_key=5)
