"""The source's claims, one by one: what each says, the test it is put to, and who judges it.

A claim is judged by numbers alone: an effect is estimated over seeds, and the verdict says where
its interval lies. To add a claim: a function in ``judges`` that returns a
:class:`~rosenblatt.report.verdicts.Finding`, and an entry in ``CLAIMS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rosenblatt.report.judges import batch_size, network, perceptron
from rosenblatt.report.judges.batch_size import LARGEST, SMALLEST
from rosenblatt.report.parts import Results
from rosenblatt.report.verdicts import Finding


@dataclass(frozen=True)
class Claim:
    """A claim of the source.

    Attributes:
        id: its name in links.
        experiment: whose results it is put to.
        says: the claim, in our words.
        where: the place in the source.
        test: what is measured, and the threshold it is held against.
        judge: returns what the results say.
        figures: the keys of the figures and tables that show it.
    """

    id: str
    experiment: str
    says: str
    where: str
    test: str
    judge: Callable[[Results], Finding]
    figures: tuple[str, ...]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "far-means",
        "E2",
        "With means far apart the perceptron classifies everything: 100 % at m = 10, 5 and 3.",
        "part 1, table 1",
        "mean accuracy above 98 %",
        perceptron.far_means,
        ("accuracy_against_distance", "table_distance"),
    ),
    Claim(
        "near-means",
        "E2",
        "With means near each other 85, 47.5 and 50 % (m = 2, 1, 0.5) are what to expect.",
        "part 1, table 1",
        "mean test accuracy within 5 points of the printed one",
        perceptron.near_means,
        ("accuracy_against_distance", "table_distance"),
    ),
    Claim(
        "close-means",
        "E2",
        "Accuracy fluctuates around 50 % when the means are close.",
        "part 1, discussion of table 1",
        "mean accuracy within 5 points of 50 %, at m = 1, 0.5 and 0",
        perceptron.close_means,
        ("last_epochs", "accuracy_against_distance"),
    ),
    Claim(
        "equal-means",
        "E2",
        "With equal means the perceptron can only guess (57.5 % printed).",
        "part 1, table 1",
        "mean test accuracy within 2 points of 50 %",
        perceptron.equal_means,
        ("accuracy_against_distance",),
    ),
    Claim(
        "growing-spread",
        "E3",
        "Accuracy falls as the classes spread.",
        "part 1, table 2",
        "at s = 100 more than 10 points lower than at s = 1",
        perceptron.growing_spread,
        ("accuracy_against_spread", "table_spread"),
    ),
    Claim(
        "large-spread",
        "E3",
        "At a spread of [50, 50] or greater the accuracy is 42.5 %.",
        "part 1, discussion of table 2",
        "mean test accuracy within 5 points of 42.5 %",
        perceptron.large_spread,
        ("accuracy_against_spread", "table_spread"),
    ),
    Claim(
        "start",
        "E5",
        "The network's accuracy starts at about 77 %.",
        "part 2, figures 2 and 11",
        "mean over initialisations within 5 points of 77 %",
        network.start_at_77,
        ("starts",),
    ),
    Claim(
        "end",
        "E4",
        "After 1500 epochs the accuracy is about 92 %.",
        "part 2, figures 2 and 11",
        "mean over initialisations within 1 point of 92 %",
        network.end_at_92,
        ("accuracy_of_seeds",),
    ),
    Claim(
        "no-overfitting",
        "E4",
        "Training and test stay close, so the network does not overfit.",
        "part 2, discussion",
        "training accuracy less that on fresh points, below 2 points in the mean",
        network.no_overfitting,
        ("full_batch", "loss_of_seeds"),
    ),
    Claim(
        "local-optimum",
        "E4",
        "After an early rise the curves reach a plateau, a local optimum.",
        "part 2, discussion",
        "smallest eigenvalue of the Hessian at the end not below 0 in the mean",
        network.local_optimum,
        ("plateau",),
    ),
    Claim(
        "start-depends",
        "E5",
        "The initial accuracy depends on the seed.",
        "part 2, figure 12",
        "standard deviation over initialisations above twice that of drawing test points",
        network.start_depends_on_seed,
        ("starts", "seed_4"),
    ),
    Claim(
        "noisy",
        "E6",
        "Batch size 1 is noisy.",
        "part 3, figure 3",
        "noise of the test loss at least twice that of the full batch",
        partial(batch_size.noisy, of=SMALLEST, to=LARGEST),
        ("noise_and_time", "batch_size_1"),
    ),
    Claim(
        "smooth",
        "E6",
        "Small batches reduce variance and converge smoothly.",
        "part 3, conclusion",
        "noise of the full batch's test loss at least twice that of B = 10",
        partial(batch_size.noisy, of=LARGEST, to=10),
        ("noise_and_time",),
    ),
    Claim(
        "stable",
        "E6",
        "Large batches give stable updates.",
        "part 3, conclusion",
        "noise of the test loss at B = 1 at least twice that at 200, 400 and 800",
        batch_size.stable_updates,
        ("noise_and_time",),
    ),
    Claim(
        "escapes",
        "E6",
        "Batch size 1 escapes sharp minima.",
        "part 3, conclusion",
        "largest eigenvalue of the Hessian at B = 100 more than 1.25 times that at B = 1",
        batch_size.escapes_sharp_minima,
        ("sharpness",),
    ),
    Claim(
        "most-time",
        "E6",
        "Batch size 1 takes the most time.",
        "part 3, conclusion",
        "seconds of an epoch above all others, and seconds to 95 % above those of B = 100",
        batch_size.most_time,
        ("noise_and_time", "table_costs"),
    ),
    Claim(
        "faster",
        "E6",
        "Large batches converge faster.",
        "part 3, conclusion",
        "training loss of B = 10 more than 1.05 times that of B = 800",
        partial(batch_size.converge, sign=1),
        ("batch_sizes_together", "table_cuts"),
    ),
    Claim(
        "slower",
        "E6",
        "Large batches converge slowly.",
        "part 3, discussion",
        "training loss of B = 800 more than 1.05 times that of B = 10",
        partial(batch_size.converge, sign=-1),
        ("batch_sizes_together", "table_cuts"),
    ),
    Claim(
        "sharp",
        "E6",
        "Large batches end in sharp minima.",
        "part 3, conclusion",
        "largest eigenvalue of the Hessian at B = 800 more than 1.25 times that at B = 1",
        batch_size.sharp_minima,
        ("sharpness",),
    ),
    Claim(
        "worse",
        "E6",
        "Large batches generalise worse.",
        "part 3, conclusion",
        "accuracy of B = 10 above that of B = 800 by more than half a point",
        partial(batch_size.generalise, sign=1),
        ("four_cuts", "table_cuts"),
    ),
    Claim(
        "better",
        "E6",
        "Large batches generalise better.",
        "part 3, discussion",
        "accuracy of B = 800 above that of B = 10 by more than half a point",
        partial(batch_size.generalise, sign=-1),
        ("four_cuts", "table_cuts"),
    ),
    Claim(
        "memory",
        "E6",
        "Large batches cost more memory.",
        "part 3, conclusion",
        "memory of an update at B = 800 more than twice that at B = 1",
        batch_size.memory,
        ("table_costs",),
    ),
    Claim(
        "medium",
        "E6",
        "Medium batch sizes are to be recommended.",
        "part 3, conclusion",
        "no other batch size more than 0.1 points better on fresh points than 100 or 200",
        batch_size.medium_sizes,
        ("four_cuts",),
    ),
)
"""All claims, in the order of the source."""
