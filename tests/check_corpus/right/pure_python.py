import math
import random


class Network:
    def __init__(self, n_in, n_hidden):
        random.seed(1)
        self.w1 = [[random.uniform(-1, 1) for _ in range(n_in)] for _ in range(n_hidden)]
        self.b1 = [0.1 for _ in range(n_hidden)]
        self.w2 = [random.uniform(-1, 1) for _ in range(n_hidden)]
        self.b2 = [0.0]

    def forward(self, x):
        self.hidden = []
        for weights, bias in zip(self.w1, self.b1):
            total = bias
            for w, value in zip(weights, x):
                total += w * value
            self.hidden.append(math.tanh(total))
        total = self.b2[0]
        for w, h in zip(self.w2, self.hidden):
            total += w * h
        self.output = 1 / (1 + math.exp(-total))
        return self.output

    def train_one(self, x, target, learning_rate):
        out = self.forward(x)
        loss = 0.5 * (out - target) ** 2
        delta = (out - target) * out * (1 - out)
        deltas = []
        for j in range(len(self.hidden)):
            deltas.append(delta * self.w2[j] * (1 - self.hidden[j] ** 2))
        for j in range(len(self.hidden)):
            self.w2[j] -= learning_rate * delta * self.hidden[j]
        self.b2[0] -= learning_rate * delta
        for j in range(len(self.hidden)):
            for i in range(len(x)):
                self.w1[j][i] -= learning_rate * deltas[j] * x[i]
            self.b1[j] -= learning_rate * deltas[j]
        return loss


def main():
    samples = [([0.0, 1.0], 1.0), ([1.0, 0.5], 0.0), ([0.3, 0.2], 1.0), ([0.9, 0.8], 0.0)]
    net = Network(2, 3)
    for epoch in range(20):
        total = 0.0
        for x, target in samples:
            total += net.train_one(x, target, 0.3)
        print(epoch, total)


if __name__ == "__main__":
    main()
