# Fit a straight line through temperature / ice cream sales with gradient descent.
import numpy as np

raw = """
14.2;215
16.4;325
11.9;185
15.2;332
18.5;406
22.1;522
19.4;412
25.1;614
23.4;544
18.1;421
22.6;445
17.2;408
"""

table = np.array([[float(v) for v in line.split(";")] for line in raw.split()])
temperature = table[:, 0]
sales = table[:, 1]


def objective(w, b, x, y, l2):
    residual = w * x + b - y
    return np.mean(residual ** 2) + l2 * w ** 2


def derivatives(w, b, x, y, l2):
    residual = w * x + b - y
    dw = 2 * np.mean(residual * x) + 2 * l2 * w
    db = 2 * np.mean(residual)
    return dw, db


def descend(x, y, rate=0.1, l2=0.05, steps=100):
    w, b = 0.0, 0.0
    history = []
    for _ in range(steps):
        dw, db = derivatives(w, b, x, y, l2)
        w -= rate * dw
        b -= rate * db
        history.append(objective(w, b, x, y, l2))
    return w, b, history


# scale both columns, otherwise the rate has to be tiny
x = (temperature - temperature.mean()) / temperature.std()
y = sales / 100

w, b, history = descend(x, y)
print("loss: %.4f -> %.4f" % (history[0], history[-1]))
print("slope %.4f, intercept %.4f" % (w, b))
t = 20.0
print("prediction for %.0f degrees: %.0f" % (t, 100 * (w * (t - temperature.mean()) / temperature.std() + b)))
