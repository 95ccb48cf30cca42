"""Claims of the source on E6, the batch size."""

from functools import partial

from rosenblatt.report.e6_batch_size import (
    cost_judges,
    flatness_judges,
    loss_judges,
    stability_judges,
)
from rosenblatt.report.parts import Claim
from rosenblatt.report.verdicts import not_testable

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "escapes",
        "The noise of batch size 1 lets the model escape from sharp minima.",
        "section 5.5.1, Escaping Sharp Minima",
        "largest eigenvalue of the Hessian at B = 100 more than 1.25 times that at B = 1",
        partial(flatness_judges.escapes_sharp_minima, size=1, to=100),
        ("sharpness",),
    ),
    Claim(
        "better-optima",
        "By exploring more of the loss landscape, batch size 1 can come to better optima.",
        "section 5.5.1, Escaping Sharp Minima",
        "training loss of B = 800 more than 1.05 times that of B = 1",
        partial(loss_judges.lower_loss, of=1, than=800),
        ("table_cuts", "batch_sizes_together"),
    ),
    Claim(
        "noisy",
        "With batch size 1 updates vary much, and training is volatile and less stable.",
        "section 5.5.1, Noisy Training Process",
        "noise of the test loss at B = 1 at least twice that of the full batch",
        partial(stability_judges.noisy, of=1, to=800),
        ("noise_and_time", "batch_size_1"),
    ),
    Claim(
        "oscillations",
        "The noise shows as multiple small oscillations of the accuracy curves.",
        "section 5.5.1, Noisy Training Process",
        "test accuracy changes direction at more than a quarter of the evaluations (many), and a "
        "change is below 2 points in the mean (small)",
        stability_judges.small_oscillations,
        ("batch_size_1",),
    ),
    Claim(
        "hindered",
        "The noise may also hinder the convergence towards a stable solution.",
        "section 5.5.1, Noisy Training Process",
        "training loss of B = 1 more than 1.05 times that of B = 10",
        stability_judges.hindered,
        ("table_cuts",),
    ),
    Claim(
        "inefficient",
        "Batch size 1 is computationally inefficient compared with mini-batches and the full "
        "batch.",
        "section 5.5.1, Computational Efficiency",
        "an epoch at B = 1 takes more than 1.25 times as long as at B = 10 and 800",
        cost_judges.inefficient,
        ("table_costs",),
    ),
    Claim(
        "most-time",
        "Batch size 1 is the most time-consuming of the batch sizes considered.",
        "section 5.5.1, Computational Efficiency",
        "seconds of an epoch above all others, and seconds to 95 % above those of B = 100",
        cost_judges.most_time,
        ("noise_and_time", "table_costs"),
    ),
    Claim(
        "variance-reduction",
        "Small batches reduce the variance of the gradient compared with batch size 1, so updates"
        " are more stable.",
        "section 5.5.2, Variance Reduction",
        "noise of the test loss at B = 1 at least twice that at B = 10",
        partial(stability_judges.noisy, of=1, to=10),
        ("noise_and_time",),
    ),
    Claim(
        "trade-off",
        "Small batches keep some noise and some stability, and converge more smoothly.",
        "section 5.5.2, Trade-off in Convergence",
        "noise of the test loss at B = 1 at least twice that at B = 10, and training loss of B = "
        "10 below 1.1 times that of B = 1",
        stability_judges.small_balance,
        ("noise_and_time", "table_cuts"),
    ),
    Claim(
        "small-escapes",
        "Small batches are still able to escape from sharp minima.",
        "section 5.5.2, Ability to Escape Sharp Minima",
        "largest eigenvalue of the Hessian at B = 800 more than 1.25 times that at B = 10",
        partial(flatness_judges.escapes_sharp_minima, size=10, to=800),
        ("sharpness",),
    ),
    Claim(
        "stable",
        "Large batches give stable and consistent updates.",
        "section 5.5.3, Stable Updates",
        "noise of the test loss at B = 1 at least twice that at 200, 400 and 800",
        stability_judges.stable_updates,
        ("noise_and_time",),
    ),
    Claim(
        "faster",
        "Stable gradients let large batches converge faster.",
        "section 5.5.3, Faster Convergence",
        "training loss of B = 10 more than 1.05 times that of B = 800",
        partial(loss_judges.lower_loss, of=800, than=10),
        ("batch_sizes_together", "table_cuts"),
    ),
    Claim(
        "smoother",
        "Large batches have smoother accuracy curves that vary less.",
        "section 5.5.3, Faster Convergence",
        "noise of the test accuracy at B = 1 more than a tenth of a point above that at 200, 400 "
        "and 800",
        stability_judges.smoother_accuracy,
        ("batch_size_1", "batch_size_800"),
    ),
    Claim(
        "sharp",
        "Large batches tend to converge to sharp minima.",
        "section 5.5.3, Risk of Sharp Minima",
        "largest eigenvalue of the Hessian at B = 800 more than 1.25 times that at B = 1",
        flatness_judges.sharp_minima,
        ("sharpness",),
    ),
    Claim(
        "worse",
        "Large batches generalise poorly to unseen data.",
        "section 5.5.3, Risk of Sharp Minima",
        "accuracy of B = 10 above that of B = 800 by more than half a point",
        partial(loss_judges.generalise, sign=1),
        ("four_cuts", "table_cuts"),
    ),
    Claim(
        "quick-epochs",
        "Large batches speed up the computation, because an epoch has fewer updates.",
        "section 5.5.3, Computational Considerations",
        "an epoch at B = 1, 10 and 100 takes more than 1.05 times as long as on the full batch",
        cost_judges.quick_epochs,
        ("table_costs",),
    ),
    Claim(
        "memory",
        "Large batches demand more memory.",
        "section 5.5.3, Computational Considerations",
        "memory of an update at B = 800 more than twice that at B = 1",
        cost_judges.memory,
        ("table_costs",),
    ),
    Claim(
        "limiting",
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
        "The batch size significantly changes how well training works.",
        "section 5.5.4",
        "accuracy of the best batch size more than one point above that of the worst",
        loss_judges.matters,
        ("four_cuts", "table_cuts"),
    ),
    Claim(
        "small-faster",
        "Smaller batches, such as 1 or 10, can converge faster.",
        "section 5.5.4",
        "training loss of B = 100 more than 1.05 times that of B = 10",
        partial(loss_judges.lower_loss, of=10, than=100),
        ("batch_sizes_together", "table_cuts"),
    ),
    Claim(
        "small-unstable",
        "Smaller batches may introduce instability.",
        "section 5.5.4",
        "noise of the test loss at B = 1 and 10 at least twice that at 100",
        stability_judges.small_unstable,
        ("noise_and_time",),
    ),
    Claim(
        "medium",
        "Medium batch sizes, like 100 or 200, balance the speed of convergence and stability well.",
        "section 5.5.4",
        "noise of the test loss at B = 10 at least twice that at the medium size, and training "
        "loss of B = 800 more than 1.05 times its own",
        stability_judges.medium_balance,
        ("noise_and_time", "table_cuts"),
    ),
    Claim(
        "slower",
        "Larger batches, such as 400 or 800, may converge slowly.",
        "section 5.5.4",
        "training loss of B = 800 more than 1.05 times that of B = 10",
        partial(loss_judges.lower_loss, of=10, than=800),
        ("batch_sizes_together", "table_cuts"),
    ),
    Claim(
        "better",
        "Larger batches tend to generalise better.",
        "section 5.5.4",
        "accuracy of B = 800 above that of B = 10 by more than half a point",
        partial(loss_judges.generalise, sign=-1),
        ("four_cuts", "table_cuts"),
    ),
    Claim(
        "recommendation",
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
