"""
Solve a first order ODE with a neural network (trial function method).

    du/dt = -k u + sin(3 t),   u(0) = u0,   0 <= t <= 2

Trial solution  u(t) = u0 + t N(t),  N(t) = sum_j v_j tanh(w_j t + b_j).
We minimise the mean squared residual R = u' + k u - sin(3t) on a grid.
"""
import numpy as np

k = 1.2
u0 = 1.0
nh = 8
nt = 30
t = np.linspace(0.0, 2.0, nt)[:, None]          # (nt, 1)


def exact(t):
    A = (u0 + 3.0 / (k * k + 9.0))
    return A * np.exp(-k * t) + (k * np.sin(3 * t) - 3 * np.cos(3 * t)) / (k * k + 9.0)


def network(t, v, w, b):
    """N and dN/dt on the grid; s = tanh, s1 = tanh', s2 = tanh''."""
    s = np.tanh(t * w + b)                      # (nt, nh)
    s1 = 1.0 - np.tanh(s) ** 2
    s2 = -2.0 * s * s1
    N = s @ v
    Nt = s1 @ (v * w)
    return N, Nt, s, s1, s2


def residual(t, N, Nt):
    tt = t[:, 0]
    u = u0 + tt * N
    ut = N + tt * Nt
    return ut + k * u - np.sin(3.0 * tt)


def loss_and_gradient(v, w, b):
    N, Nt, s, s1, s2 = network(t, v, w, b)
    R = residual(t, N, Nt)
    loss = np.mean(R ** 2)

    tt = t[:, 0]
    g = 2.0 * R / nt
    gN = g * (1.0 + k * tt)                     # dR/dN
    gNt = g * tt                                # dR/dN'

    dv = s.T @ gN + (s1 * w).T @ gNt
    db = v * (s1.T @ gN) + v * w * (s2.T @ gNt)
    dw = v * (s1.T @ (gN * tt)) + v * (s1.T @ gNt) + v * w * (s2.T @ (gNt * tt))
    return loss, dv, dw, db


def solve(nsteps=4000, lr=0.02, mu=0.9, seed=3):
    rng = np.random.RandomState(seed)
    v = 0.5 * rng.randn(nh)
    w = 1.5 * rng.randn(nh)
    b = rng.randn(nh)
    pv, pw, pb = np.zeros(nh), np.zeros(nh), np.zeros(nh)
    for n in range(nsteps + 1):
        loss, dv, dw, db = loss_and_gradient(v, w, b)
        pv = mu * pv - lr * dv
        pw = mu * pw - lr * dw
        pb = mu * pb - lr * db
        v, w, b = v + pv, w + pw, b + pb
        if n % 1000 == 0:
            print("%6d   <R^2> = %.3e" % (n, loss))
    return v, w, b


if __name__ == "__main__":
    v, w, b = solve()
    N = network(t, v, w, b)[0]
    u = u0 + t[:, 0] * N
    print("  t      network    exact")
    for i in range(0, nt, 7):
        print("%5.2f  %9.5f  %9.5f" % (t[i, 0], u[i], exact(t[i, 0])))
    print("max error %.2e" % np.max(np.abs(u - exact(t[:, 0]))))
