"""
Saved, loaded, the same predictions
===================================

A model file holds the network, its weights, and the scale of its inputs. It is read without running
any code of the file, and predicts the same numbers.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

train, test = rb.data.bundled("wine").split(test_size=0.4, seed=0)
scale = rb.data.Standardizer.fit(train)
run = rb.train(rb.MLP(13, [8], 3), scale.apply(train), optimizer=rb.Adam(0.01), epochs=200)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "wine.safetensors")
    run.save(path, standardizer=scale)
    size, loaded = path.stat().st_size, rb.load_model(path)
before, after = run.predict_proba(scale.apply(test).X), loaded.predict_proba(test.X)
print(f"{size} bytes; largest difference {np.abs(before - after).max()}")

figure, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
order = np.argsort(test.y, kind="stable")
ax.imshow(after[order].T, aspect="auto", cmap="Blues", vmin=0, vmax=1)
ax.set(
    yticks=range(3), xlabel="wine of the test set, sorted by class", ylabel="probability of class"
)
