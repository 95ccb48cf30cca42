# Linear regression with one feature, stochastic gradient descent
# y = m*x + c   (house price from the size)
import random

random.seed(123)

sizes = [30, 45, 50, 62, 70, 80, 95, 110, 120, 140]          # square metres
prices = [92, 130, 148, 175, 200, 223, 262, 300, 331, 379]   # in thousands

# scale, otherwise the steps explode
xs = [s / 100 for s in sizes]
ys = [p / 100 for p in prices]

m = 0.0
c = 0.0
lr = 0.05
n_epochs = 200


def loss(m, c):
    s = 0.0
    for x, y in zip(xs, ys):
        s += (y - (m * x + c)) ** 2
    return s / len(xs)


order = list(range(len(xs)))
for epoch in range(n_epochs):
    random.shuffle(order)
    for i in order:
        x = xs[i]
        y = ys[i]
        y_hat = m * x + c
        # L = (y - y_hat)^2
        # dL/dm = -2 x (y - y_hat), dL/dc = -2 (y - y_hat)
        grad_m = -2 * x * (y - y_hat)
        grad_c = -2 * (y - y_hat)
        m = m - lr * grad_m
        c = c - lr * grad_c
    if epoch % 40 == 0 or epoch == n_epochs - 1:
        print("Epoch", epoch, "loss:", loss(m, c), "m:", m, "c:", c)

# compare with the closed form
mean_x = sum(xs) / len(xs)
mean_y = sum(ys) / len(ys)
m_best = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / sum((x - mean_x) ** 2 for x in xs)
c_best = mean_y - m_best * mean_x
print("SGD:         m = %.4f  c = %.4f  loss = %.6f" % (m, c, loss(m, c)))
print("closed form: m = %.4f  c = %.4f  loss = %.6f" % (m_best, c_best, loss(m_best, c_best)))
print("price of 100 square metres:", round((m * 1.0 + c) * 100, 1))
