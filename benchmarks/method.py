"""Description of the method, for the page of results."""

METHOD = """\
Every contender does the same work: the same samples, initial weights, orders of the samples,
batches, loss and update rule. The orders come from the same compiled shuffle for all, and its time
is counted for each. This package is timed from outside, a whole call of `train` or `train_many`
with its checks, and with loss and accuracy measured before the first epoch and after the last; the
others are timed for their updates alone. "Updates alone" is this engine on members made ready
before, as the others are timed. The perceptron keeps its pocket and its averaged weights as well,
which the others do not.

Each contender has a process of its own, confined to as many cores as threads, with the thread
counts of all libraries set before they are loaded. It is first tried alone, in each of the ways it
has, and the fastest counts. Then all contenders of a row take turns, in several rounds: the table
has the median over the rounds, the lowest and the highest. "Times ours" is the median over the
rounds of the ratio within a round, so that what slows the machine for a while slows both.

With `ROSENBLATT_TARGET=avx2` this package, JAX and PyTorch do without AVX-512: the figures of most
processors, on this one.

- *compile*: how much longer a first call takes than a second, with nothing compiled before. It is
  part of no other number. This package and `torch.compile` keep compiled code on disk, for later
  processes; JAX compiles in each.
- *memory*: the peak of the process that takes the turns, libraries included. For the others, what
  the compiler of the shuffle needs is taken off.
- *weights*: the largest difference from the reference engine's weights after 200 updates or more,
  relative to the largest weight of their array. Within {float64:g} in float64 and {float32:g} in
  float32 they are the same; ≠ marks those that are not.
- JAX is `jit` over `lax.scan` over the batches of many epochs, `vmap` over that for populations;
  the better of `unroll=1` and 8, and of gathering rows in each step or once per epoch. "Products as
  sums" is the same with matrix products written out, which XLA fuses with what is around them; no
  factor is asked for against it.
- PyTorch is the faster of a module under `torch.optim` and autograd with updates in place; for
  populations of batched products with one backward pass and `torch.func.vmap`. `torch.compile` of
  the whole step is a contender of its own.
- scikit-learn and the reference engine train the members of a population one by one: one of them is
  timed. Two classes would have one logistic output in scikit-learn: a third class, whose
  probability is kept at 0, gives it the same two. In Adam it adds ε before it corrects for the
  start from 0, and its weights differ by that.
"""
