"""Numbers that the source report prints, to set beside ours. Accuracies are fractions."""

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
