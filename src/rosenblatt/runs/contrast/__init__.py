"""Two runs side by side: where they part, and how far they are from then on.

The question is asked of a run and a branch of it, or of any two runs of models with the same
shapes: other seeds, other batch sizes, other learning rates. Does a change of a single weight by
1e-6 die out, or does it grow? The branch says:

>>> import rosenblatt as rb
>>> data = rb.data.moons(200, noise=0.2, seed=0)
>>> run = rb.train(rb.MLP(2, [8], 2), data, optimizer=rb.SGD(0.1), epochs=60, batch_size=20)
>>> def nudge(params):
...     params["0.weight"][0, 0] += 1e-6
>>> found = rb.contrast(run, run.fork(epoch=20, edit=nudge))
>>> print(found.first_difference)
after epoch 20 (update 200)
>>> distance = found.distances["all"]
>>> [f"{distance[found.epochs == epoch][0]:.0e}" for epoch in (19, 20)]
['0e+00', '1e-06']
>>> bool(distance[-1] < 1e-4), float(found.predictions["disagreement"][-1])
(True, 0.0)

A branch with other batches parts at once, and where it ends is another place:

>>> found = rb.contrast(run, run.fork(epoch=20, batch_size=200))
>>> found.differences
{'batch size': (20, 200)}
>>> bool(found.relative["all"][-1] > 0.01)
True
>>> figure = found.plot()
>>> [ax.get_xlabel() for ax in figure.axes]
['epoch', 'epoch', 'epoch']
"""

from rosenblatt.runs.contrast.contrast_result import Contrast
from rosenblatt.runs.contrast.contrast_runs import contrast
from rosenblatt.runs.contrast.first_difference import FirstDifference

__all__ = ["Contrast", "FirstDifference", "contrast"]
