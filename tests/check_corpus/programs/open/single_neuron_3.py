# one neuron, one weight per input, gradient descent by hand
import math
import random

random.seed(1)

# is the fruit an orange (1) or a lemon (0)?   (sweetness, roundness)
data = [
    (0.9, 0.8, 1), (0.8, 0.9, 1), (0.7, 0.95, 1), (0.95, 0.7, 1),
    (0.2, 0.4, 0), (0.1, 0.5, 0), (0.3, 0.3, 0), (0.15, 0.2, 0),
]

wa = random.uniform(-1, 1)
wb = random.uniform(-1, 1)
bias = 0.0
rate = 0.7
n = len(data)


def neuron(a, b):
    return 1 / (1 + math.exp(-(wa * a + wb * b + bias)))


def mean_squared_error():
    total = 0
    for a, b, y in data:
        total += (neuron(a, b) - y) ** 2
    return total / n


grad_wa = 0.0
grad_wb = 0.0
grad_bias = 0.0
for epoch in range(601):
    for a, b, y in data:
        p = neuron(a, b)
        # chain rule: d(p-y)^2/dp * dp/dz * dz/dw
        dcost_dp = 2 * (p - y)
        dp_dz = p * (1 - p)
        grad_wa += dcost_dp * dp_dz * a
        grad_wb += dcost_dp * dp_dz * b
        grad_bias += dcost_dp * dp_dz
    grad_wa /= n
    grad_wb /= n
    grad_bias /= n

    wa -= rate * grad_wa
    wb -= rate * grad_wb
    bias -= rate * grad_bias

    if epoch % 100 == 0:
        print("epoch", epoch, "cost", round(mean_squared_error(), 6))

print("weights:", wa, wb, "bias:", bias)
for a, b, y in data:
    print((a, b), "->", round(neuron(a, b), 3), "expected", y)
