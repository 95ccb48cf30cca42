"""The source's claims, one by one: what each says, the test it is put to, and who judges it.

A claim is judged by numbers alone: an effect is estimated over seeds, and the verdict says where
its interval lies. To add a claim: a function in ``judges`` that returns a
:class:`~rosenblatt.report.verdicts.Finding`, and an entry in ``CLAIMS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rosenblatt.report.judges import batch_size, cost, flatness, network, perceptron, stability
from rosenblatt.report.parts import Results
from rosenblatt.report.verdicts import Finding


@dataclass(frozen=True)
class Claim:
    """A claim of the source.

    Attributes:
        id: its name in links.
        experiment: whose results it is put to.
        says: the claim, in our words.
        where: the section of the source, with the heading under which it stands.
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


def not_testable(_: Results, *, reason: str) -> Finding:
    """Return that a statement cannot be put to the test, and why."""
    return Finding("not testable", reason)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "perceptron-loss",
        "E1",
        "The two curves of its figure 1 are the loss of the perceptron on the training and on the"
        " test set.",
        "section 4.1",
        "what the curves are",
        partial(
            not_testable,
            reason=(
                "The source prints no number of these curves. The protocol that gives all its "
                "printed numbers plots the error rate, which is not what the updates descend; "
                "the figure here shows both, each under its name."
            ),
        ),
        ("perceptron_loss",),
    ),
    Claim(
        "split",
        "E1",
        "The training set has 80 points of each class and the test set 20.",
        "section 5.1.1",
        "numbers of test points of each class, apart from 20 by less than one",
        perceptron.split_by_class,
        ("gaussians",),
    ),
    Claim(
        "first-data",
        "E1",
        "Trained on this data, the perceptron classifies all of it: 100 %.",
        "section 5.1.2",
        "test accuracy of the replay above 99.5 %",
        perceptron.first_data,
        (
            "gaussians",
            "perceptron_loss",
        ),
    ),
    Claim(
        "table-1",
        "E2",
        "The accuracies are 100, 100, 100, 85, 47.5, 50 and 57.5 % as the first mean nears the "
        "second.",
        "section 5.1.3, table 1",
        "test accuracy of the replay within half a point of each",
        perceptron.printed_table,
        ("table_distance",),
    ),
    Claim(
        "far-means",
        "E2",
        "With means far apart the classes can be separated by a line, and the accuracy is 100 %.",
        "section 5.1.3, Effect of Varying Means",
        "mean accuracy above 98 %, at m = 10, 5 and 3",
        perceptron.far_means,
        (
            "accuracy_against_distance",
            "table_distance",
        ),
    ),
    Claim(
        "drop-at-2",
        "E2",
        "With the means at [2, 2] and [0, 0] the accuracy drops to 85 %, because the "
        "distributions overlap.",
        "section 5.1.3, Effect of Varying Means",
        "test accuracy of the replay within half a point of 85 %",
        perceptron.drop_at_two,
        (
            "table_distance",
            "accuracy_against_distance",
        ),
    ),
    Claim(
        "near-means",
        "E2",
        "With means very near each other or equal, 47.5 to 57.5 % are what comes out.",
        "section 5.1.3, Effect of Varying Means",
        "mean test accuracy within 5 points of the printed one, at m = 1, 0.5 and 0",
        perceptron.near_means,
        (
            "accuracy_against_distance",
            "table_distance",
        ),
    ),
    Claim(
        "close-means",
        "E2",
        "With very close means the accuracy should fluctuate around 50 %; such changes are normal.",
        "section 5.1.3, Effect of Varying Means",
        "mean accuracy within 5 points of 50 %, at m = 1, 0.5 and 0",
        perceptron.close_means,
        (
            "last_epochs",
            "accuracy_against_distance",
        ),
    ),
    Claim(
        "equal-means",
        "E2",
        "Where the means are the same the perceptron cannot tell the classes apart.",
        "section 5.1.3, Effect of Varying Means",
        "mean test accuracy within 2 points of 50 %, at m = 0",
        perceptron.equal_means,
        ("accuracy_against_distance",),
    ),
    Claim(
        "close-means-cost",
        "E2",
        "Means too close leave no clear boundary, and the accuracy drops significantly.",
        "section 5.1.3, Conclusion",
        "at m = 2, 1, 0.5 and 0 more than 10 points lower than at m = 10",
        perceptron.close_means_cost,
        (
            "accuracy_against_distance",
            "table_distance",
        ),
    ),
    Claim(
        "limits",
        "E2",
        "The experiment shows the limits of the perceptron where the distributions overlap.",
        "section 5.1.3, Conclusion",
        "accuracy more than 2 points below that of the best rule, at m = 2, 1 and 0.5",
        perceptron.limits_of_the_rule,
        ("table_distance",),
    ),
    Claim(
        "table-2",
        "E3",
        "A second table of accuracies, with the same seven rows, belongs to the growing variance.",
        "section 5.1.3, table 2",
        "what its rows are of",
        partial(
            not_testable,
            reason=(
                "The table repeats table 1, with varying means and constant variance, down to "
                "its caption; it holds no result for a growing variance. What it should hold "
                "is measured here."
            ),
        ),
        ("table_spread",),
    ),
    Claim(
        "growing-spread",
        "E3",
        "A significantly larger variance decreases the accuracy.",
        "section 5.1.3, Effect of High Variance",
        "at s = 100 more than 10 points lower than at s = 1",
        partial(perceptron.growing_spread, s=100.0),
        (
            "accuracy_against_spread",
            "table_spread",
        ),
    ),
    Claim(
        "overlap",
        "E3",
        "A larger variance spreads the data, the distributions overlap more and the boundary is "
        "less clear.",
        "section 5.1.3, Effect of High Variance",
        "accuracy of the best rule more than 10 points lower at the largest s than at the smallest",
        perceptron.overlap,
        (
            "accuracy_against_spread",
            "table_spread",
        ),
    ),
    Claim(
        "large-spread",
        "E3",
        "At a variance of [50, 50] or greater the accuracy is, for example, 42.5 %.",
        "section 5.1.3, Effect of High Variance",
        "mean test accuracy within 5 points of 42.5 %, in both readings of s, at 50 and 100",
        perceptron.large_spread,
        (
            "accuracy_against_spread",
            "table_spread",
        ),
    ),
    Claim(
        "much-lower",
        "E3",
        "At a variance of [50, 50] the accuracy is much lower.",
        "section 5.1.3, Effect of High Variance",
        "at s = 50 more than 10 points lower than at s = 1",
        partial(perceptron.growing_spread, s=50.0),
        (
            "accuracy_against_spread",
            "table_spread",
        ),
    ),
    Claim(
        "start",
        "E4",
        "Training and test accuracy start at around 77 %.",
        "section 5.2.2",
        "accuracies of the replay before training within 5 points of 77 %",
        network.start_at_77,
        (
            "full_batch",
            "accuracy_of_seeds",
        ),
    ),
    Claim(
        "end",
        "E4",
        "Training and test accuracy come to about 92 %.",
        "section 5.2.2",
        "accuracies of the replay after training within 1 point of 92 %",
        network.end_at_92,
        (
            "full_batch",
            "accuracy_of_seeds",
        ),
    ),
    Claim(
        "rise",
        "E4",
        "The accuracies rise progressively throughout training.",
        "section 5.2.2",
        "rank correlation of accuracy and epoch above 0.9",
        network.progressive_rise,
        ("accuracy_of_seeds",),
    ),
    Claim(
        "learns",
        "E4",
        "The model learns effectively to classify the training examples.",
        "section 5.2.2",
        "test accuracy after training more than 10 points above that before",
        network.learns,
        (
            "accuracy_of_seeds",
            "decision_regions",
        ),
    ),
    Claim(
        "generalises",
        "E4",
        "The model generalises well to unseen data.",
        "section 5.2.2",
        "accuracy on fresh points less than 5 points below that of the Bayes rule",
        network.generalises_well,
        ("accuracy_of_seeds",),
    ),
    Claim(
        "no-overfitting",
        "E4",
        "The small gap between training and test accuracy shows that there is no significant "
        "overfitting.",
        "section 5.2.2",
        "training accuracy less that on fresh points, below 2 points in the mean",
        network.no_overfitting,
        (
            "full_batch",
            "loss_of_seeds",
        ),
    ),
    Claim(
        "satisfactory",
        "E4",
        "Overall the performance is satisfactory.",
        "section 5.2.2",
        "a judgement",
        partial(
            not_testable,
            reason=(
                "The source names nothing that would satisfy or not. The best rule and "
                "logistic regression, against which the network can be held, are drawn in the "
                "figure."
            ),
        ),
        ("accuracy_of_seeds",),
    ),
    Claim(
        "early-plateau",
        "E4",
        "At the early stages of training the accuracy has a noticeable plateau.",
        "section 5.2.2",
        "a plateau of more than 100 epochs in the replay, with a rise of at least 2 points before "
        "and after it",
        network.plateau_is_there,
        (
            "full_batch",
            "accuracy_of_seeds",
        ),
    ),
    Claim(
        "local-optimum",
        "E4",
        "The plateau may be a local optimum, where the loss is minimal but not at its global "
        "minimum.",
        "section 5.2.2",
        "smallest eigenvalue of the Hessian not below 0 in the mean, in the middle of the early "
        "plateau and at the end",
        network.local_optimum,
        ("plateau",),
    ),
    Claim(
        "higher",
        "E5",
        "The initial test accuracy of 77 % is significantly higher than anticipated.",
        "section 5.2.3",
        "fewer than 10 % of untrained networks have 77 % or more",
        network.higher_than_anticipated,
        ("starts",),
    ),
    Claim(
        "seed-4",
        "E5",
        "With initialisation seed 4 the initial accuracy is around 50 %.",
        "section 5.2.3",
        "accuracies of the replay before training within 5 points of 50 %",
        network.seed_4_starts_at_50,
        (
            "seed_4",
            "starts",
        ),
    ),
    Claim(
        "start-depends",
        "E5",
        "Another seed of the initialisation gives another initial accuracy.",
        "section 5.2.3",
        "standard deviation over initialisations above twice that of drawing test points",
        network.start_depends_on_seed,
        (
            "starts",
            "seed_4",
        ),
    ),
    Claim(
        "escapes",
        "E6",
        "The noise of batch size 1 lets the model escape from sharp minima.",
        "section 5.5.1, Escaping Sharp Minima",
        "largest eigenvalue of the Hessian at B = 100 more than 1.25 times that at B = 1",
        partial(flatness.escapes_sharp_minima, size=1, to=100),
        ("sharpness",),
    ),
    Claim(
        "better-optima",
        "E6",
        "By exploring more of the loss landscape, batch size 1 can come to better optima.",
        "section 5.5.1, Escaping Sharp Minima",
        "training loss of B = 800 more than 1.05 times that of B = 1",
        partial(batch_size.lower_loss, of=1, than=800),
        (
            "table_cuts",
            "batch_sizes_together",
        ),
    ),
    Claim(
        "noisy",
        "E6",
        "With batch size 1 updates vary much, and training is volatile and less stable.",
        "section 5.5.1, Noisy Training Process",
        "noise of the test loss at B = 1 at least twice that of the full batch",
        partial(stability.noisy, of=1, to=800),
        (
            "noise_and_time",
            "batch_size_1",
        ),
    ),
    Claim(
        "oscillations",
        "E6",
        "The noise shows as multiple small oscillations of the accuracy curves.",
        "section 5.5.1, Noisy Training Process",
        "test accuracy changes direction at more than a quarter of the evaluations (many), and a "
        "change is below 2 points in the mean (small)",
        stability.small_oscillations,
        ("batch_size_1",),
    ),
    Claim(
        "hindered",
        "E6",
        "The noise may also hinder the convergence towards a stable solution.",
        "section 5.5.1, Noisy Training Process",
        "training loss of B = 1 more than 1.05 times that of B = 10",
        stability.hindered,
        ("table_cuts",),
    ),
    Claim(
        "inefficient",
        "E6",
        "Batch size 1 is computationally inefficient compared with mini-batches and the full "
        "batch.",
        "section 5.5.1, Computational Efficiency",
        "an epoch at B = 1 takes more than 1.25 times as long as at B = 10 and 800",
        cost.inefficient,
        ("table_costs",),
    ),
    Claim(
        "most-time",
        "E6",
        "Batch size 1 is the most time-consuming of the batch sizes considered.",
        "section 5.5.1, Computational Efficiency",
        "seconds of an epoch above all others, and seconds to 95 % above those of B = 100",
        cost.most_time,
        (
            "noise_and_time",
            "table_costs",
        ),
    ),
    Claim(
        "variance-reduction",
        "E6",
        "Small batches reduce the variance of the gradient compared with batch size 1, so updates"
        " are more stable.",
        "section 5.5.2, Variance Reduction",
        "noise of the test loss at B = 1 at least twice that at B = 10",
        partial(stability.noisy, of=1, to=10),
        ("noise_and_time",),
    ),
    Claim(
        "trade-off",
        "E6",
        "Small batches keep some noise and some stability, and converge more smoothly.",
        "section 5.5.2, Trade-off in Convergence",
        "noise of the test loss at B = 1 at least twice that at B = 10, and training loss of B = "
        "10 below 1.1 times that of B = 1",
        stability.small_balance,
        (
            "noise_and_time",
            "table_cuts",
        ),
    ),
    Claim(
        "small-escapes",
        "E6",
        "Small batches are still able to escape from sharp minima.",
        "section 5.5.2, Ability to Escape Sharp Minima",
        "largest eigenvalue of the Hessian at B = 800 more than 1.25 times that at B = 10",
        partial(flatness.escapes_sharp_minima, size=10, to=800),
        ("sharpness",),
    ),
    Claim(
        "stable",
        "E6",
        "Large batches give stable and consistent updates.",
        "section 5.5.3, Stable Updates",
        "noise of the test loss at B = 1 at least twice that at 200, 400 and 800",
        stability.stable_updates,
        ("noise_and_time",),
    ),
    Claim(
        "faster",
        "E6",
        "Stable gradients let large batches converge faster.",
        "section 5.5.3, Faster Convergence",
        "training loss of B = 10 more than 1.05 times that of B = 800",
        partial(batch_size.lower_loss, of=800, than=10),
        (
            "batch_sizes_together",
            "table_cuts",
        ),
    ),
    Claim(
        "smoother",
        "E6",
        "Large batches have smoother accuracy curves that vary less.",
        "section 5.5.3, Faster Convergence",
        "noise of the test accuracy at B = 1 more than a tenth of a point above that at 200, 400 "
        "and 800",
        stability.smoother_accuracy,
        (
            "batch_size_1",
            "batch_size_800",
        ),
    ),
    Claim(
        "sharp",
        "E6",
        "Large batches tend to converge to sharp minima.",
        "section 5.5.3, Risk of Sharp Minima",
        "largest eigenvalue of the Hessian at B = 800 more than 1.25 times that at B = 1",
        flatness.sharp_minima,
        ("sharpness",),
    ),
    Claim(
        "worse",
        "E6",
        "Large batches generalise poorly to unseen data.",
        "section 5.5.3, Risk of Sharp Minima",
        "accuracy of B = 10 above that of B = 800 by more than half a point",
        partial(batch_size.generalise, sign=1),
        (
            "four_cuts",
            "table_cuts",
        ),
    ),
    Claim(
        "quick-epochs",
        "E6",
        "Large batches speed up the computation, because an epoch has fewer updates.",
        "section 5.5.3, Computational Considerations",
        "an epoch at B = 1, 10 and 100 takes more than 1.05 times as long as on the full batch",
        cost.quick_epochs,
        ("table_costs",),
    ),
    Claim(
        "memory",
        "E6",
        "Large batches demand more memory.",
        "section 5.5.3, Computational Considerations",
        "memory of an update at B = 800 more than twice that at B = 1",
        cost.memory,
        ("table_costs",),
    ),
    Claim(
        "limiting",
        "E6",
        "Memory may become the limit with larger data sets or limited hardware.",
        "section 5.5.3, Computational Considerations",
        "a prospect",
        partial(
            not_testable,
            reason=(
                "The experiments have one data set, of 800 points, and need less than a "
                "megabyte: nothing here comes near a limit."
            ),
        ),
        ("table_costs",),
    ),
    Claim(
        "matters",
        "E6",
        "The batch size significantly changes how well training works.",
        "section 5.5.4",
        "accuracy of the best batch size more than one point above that of the worst",
        batch_size.matters,
        (
            "four_cuts",
            "table_cuts",
        ),
    ),
    Claim(
        "small-faster",
        "E6",
        "Smaller batches, such as 1 or 10, can converge faster.",
        "section 5.5.4",
        "training loss of B = 100 more than 1.05 times that of B = 10",
        partial(batch_size.lower_loss, of=10, than=100),
        (
            "batch_sizes_together",
            "table_cuts",
        ),
    ),
    Claim(
        "small-unstable",
        "E6",
        "Smaller batches may introduce instability.",
        "section 5.5.4",
        "noise of the test loss at B = 1 and 10 at least twice that at 100",
        stability.small_unstable,
        ("noise_and_time",),
    ),
    Claim(
        "medium",
        "E6",
        "Medium batch sizes, like 100 or 200, balance the speed of convergence and stability well.",
        "section 5.5.4",
        "noise of the test loss at B = 10 at least twice that at the medium size, and training "
        "loss of B = 800 more than 1.05 times its own",
        stability.medium_balance,
        (
            "noise_and_time",
            "table_cuts",
        ),
    ),
    Claim(
        "slower",
        "E6",
        "Larger batches, such as 400 or 800, may converge slowly.",
        "section 5.5.4",
        "training loss of B = 800 more than 1.05 times that of B = 10",
        partial(batch_size.lower_loss, of=10, than=800),
        (
            "batch_sizes_together",
            "table_cuts",
        ),
    ),
    Claim(
        "better",
        "E6",
        "Larger batches tend to generalise better.",
        "section 5.5.4",
        "accuracy of B = 800 above that of B = 10 by more than half a point",
        partial(batch_size.generalise, sign=-1),
        (
            "four_cuts",
            "table_cuts",
        ),
    ),
    Claim(
        "recommendation",
        "E6",
        "The batch size is to be chosen by the characteristics of the data and what the model "
        "must do.",
        "section 5.5.4",
        "advice",
        partial(
            not_testable,
            reason="One data set and one network cannot show how a choice depends on them.",
        ),
        ("four_cuts",),
    ),
)
"""All claims, in the order of the source. Where two contradict each other, both are here."""
