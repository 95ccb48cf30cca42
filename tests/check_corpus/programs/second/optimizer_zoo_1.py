"""
Comparing optimizers on two test functions (Rosenbrock, and a stretched bowl).
Each optimizer only sees the gradient; learning rates were tuned by hand.
"""
import numpy as np


def rosenbrock(p):
    x, y = p
    return (1 - x) ** 2 + 10 * (y - x * x) ** 2


def rosenbrock_grad(p):
    x, y = p
    return np.array([-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)])


def bowl(p):
    return 0.5 * (p[0] ** 2 + 25 * p[1] ** 2)


def bowl_grad(p):
    return np.array([p[0], 25 * p[1]])


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, p, g):
        return p - self.lr * g


class Momentum:
    def __init__(self, lr, mu=0.9):
        self.lr, self.mu, self.v = lr, mu, 0.0

    def step(self, p, g):
        self.v = self.mu * self.v - self.lr * g
        return p - self.v


class Nesterov:
    """Momentum with the gradient taken at the point looked ahead to (reformulated for p)."""

    def __init__(self, lr, mu=0.9):
        self.lr, self.mu, self.v = lr, mu, 0.0

    def step(self, p, g):
        v_prev = self.v
        self.v = self.mu * self.v - self.lr * g
        return p - self.mu * v_prev + (1 + self.mu) * self.v


class RMSProp:
    def __init__(self, lr, rho=0.9, eps=1e-8):
        self.lr, self.rho, self.eps, self.s = lr, rho, eps, 0.0

    def step(self, p, g):
        self.s = self.rho * self.s + (1 - self.rho) * g ** 2
        return p - self.lr * g / (np.sqrt(self.s) + self.eps)


class Adam:
    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = self.v = 0.0
        self.t = 0

    def step(self, p, g):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g ** 2
        m_hat = self.m / (1 - self.beta1 ** self.t)
        v_hat = self.v / (1 - self.beta2 ** self.t)
        return p - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def minimise(f, grad, start, optimizer, steps):
    p = np.array(start, dtype=float)
    path = [f(p)]
    for _ in range(steps):
        p = optimizer.step(p, grad(p))
        path.append(f(p))
    return p, path


if __name__ == "__main__":
    print("%-10s %-11s %10s %10s %10s" % ("optimizer", "function", "f(10)", "f(100)", "f(1000)"))
    for make in (lambda: SGD(0.005), lambda: Momentum(0.002), lambda: Nesterov(0.002),
                 lambda: RMSProp(0.01), lambda: Adam(0.05)):
        for f, grad, start in ((rosenbrock, rosenbrock_grad, (-1.0, 1.5)), (bowl, bowl_grad, (4.0, 1.0))):
            optimizer = make()
            p, path = minimise(f, grad, start, optimizer, 1000)
            print("%-10s %-11s %10.2e %10.2e %10.2e   end point (%.3f, %.3f)"
                  % (type(optimizer).__name__, f.__name__, path[10], path[100], path[1000], p[0], p[1]))
