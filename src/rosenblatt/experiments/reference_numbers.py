"""Numbers to compare ours with: those the source prints, and those of an independent computation.

Accuracies are fractions.
"""

TABLE_1 = {10.0: 1.0, 5.0: 1.0, 3.0: 1.0, 2.0: 0.85, 1.0: 0.475, 0.5: 0.5, 0.0: 0.575}
"""E2: test accuracy of the perceptron for means (m, m) and (0, 0)."""

FULL_BATCH = {
    42: {
        "start_test_accuracy": 0.77,
        "test_accuracy": 0.915,
        "start_train_accuracy": 0.8075,
        "train_accuracy": 0.9125,
        "train_loss": 0.211649,
        "test_loss": 0.190894,
    },
    4: {
        "start_test_accuracy": 0.53,
        "test_accuracy": 0.895,
        "start_train_accuracy": 0.5425,
        "train_accuracy": 0.89625,
        "train_loss": 0.231501,
        "test_loss": 0.225677,
    },
}
"""E4 and E5: the MLP 2-20-2 after 1500 full-batch epochs, by initialisation seed."""

BATCH_800 = {"test_loss": 0.23449, "test_accuracy": 0.905}
"""E6: the full-batch network, drawn eighth from the generator."""

INDEPENDENT_SEEDS = {"perceptron": 200, "network": 10}
"""Number of seeds behind the statistics below, which other code computed."""

Statistic = tuple[float, float | None]
"""A mean, and its standard deviation where one is given."""

INDEPENDENT_DISTANCE: dict[str, dict[float, Statistic]] = {
    "last": {
        10.0: (0.994, 0.012),
        5.0: (0.992, 0.015),
        3.0: (0.976, 0.025),
        2.0: (0.879, 0.067),
        1.0: (0.678, 0.095),
        0.5: (0.560, 0.086),
        0.0: (0.500, 0.037),
    },
    "pocket": {
        10.0: (0.994, None),
        5.0: (0.992, None),
        3.0: (0.975, None),
        2.0: (0.909, None),
        1.0: (0.745, None),
        0.5: (0.620, None),
        0.0: (0.498, None),
    },
}
"""E2: mean and standard deviation of test accuracy, by weights and m."""

INDEPENDENT_SPREAD = {
    "variance": (0.994, 0.992, 0.977, 0.909, 0.849, 0.781, 0.681),
    "standard deviation": (0.994, 0.878, 0.681, 0.541, 0.525, 0.505, 0.509),
}
"""E3: mean test accuracy of the last weights, by reading, for the spreads in their order."""

INDEPENDENT_BATCH: dict[int, dict[str, Statistic]] = {
    1: {
        "train_loss": (0.0575, 0.0012),
        "test_loss": (0.0408, 0.0046),
        "test_accuracy": (0.9860, 0.0077),
        "fresh_accuracy": (0.9687, None),
        "largest_eigenvalue": (0.90, 0.11),
    },
    10: {
        "train_loss": (0.0619, 0.0035),
        "test_loss": (0.0409, 0.0044),
        "test_accuracy": (0.9865, 0.0078),
        "fresh_accuracy": (0.9693, None),
        "largest_eigenvalue": (1.73, 0.37),
    },
    100: {
        "train_loss": (0.0974, 0.0089),
        "test_loss": (0.0754, 0.0102),
        "test_accuracy": (0.9820, 0.0063),
        "fresh_accuracy": (0.9660, None),
        "largest_eigenvalue": (2.29, 0.70),
    },
    200: {
        "train_loss": (0.1388, 0.0202),
        "test_loss": (0.1179, 0.0218),
        "test_accuracy": (0.9675, 0.0159),
        "fresh_accuracy": (0.9523, None),
        "largest_eigenvalue": (3.08, 0.89),
    },
    400: {
        "train_loss": (0.1958, 0.0246),
        "test_loss": (0.1804, 0.0286),
        "test_accuracy": (0.9310, 0.0191),
        "fresh_accuracy": (0.9231, None),
        "largest_eigenvalue": (3.85, 1.07),
    },
    800: {
        "train_loss": (0.2380, 0.0182),
        "test_loss": (0.2294, 0.0215),
        "test_accuracy": (0.8925, 0.0195),
        "fresh_accuracy": (0.8935, None),
        "largest_eigenvalue": (4.29, 1.13),
    },
}
"""E6: mean and standard deviation at equal epochs and a fixed learning rate, by batch size."""
