"""Benchmarks of this engine, next to others on the same work: ``python -m benchmarks``.

Every contender trains in a process of its own with as many threads as the row allows; the processes
of a row take turns, so that a noisy machine hits all alike. What is timed includes the shuffling of
the samples and excludes compilation, which is reported on its own, as is the peak of the memory.
Before it is timed, a contender must have ended with the weights of the reference engine.

    works.py        what is trained: the rows
    contenders/     who trains it, one file each
    worker.py       the process of a contender; process.py its other end
    measure.py      one row: trial, check, and turns
    scaling.py      time and memory against samples, epochs and members
    experiment.py   E6, in memory and in folders
    import_cost.py  ``import rosenblatt``
    suite.py        all of it; markdown.py and plot.py show it
    estimators.py   the estimators next to scikit-learn's: ``python -m benchmarks.estimators``
    studio.py       the studio in a real browser: ``python -m benchmarks.studio``; studio_page.py
"""
