# Övning 9: enkelt RNN (Elman) som håller reda på en löpande, läckande summa
# h[t] = tanh(x[t] Wxh + h[t-1] Whh + bh),  y[t] = h[t] Why + by
import numpy as np


def init_param(n_x, n_h, n_y, rng):
    return {
        "Wxh": 0.5 * rng.standard_normal((n_x, n_h)),
        "Whh": 0.3 * rng.standard_normal((n_h, n_h)),
        "bh": np.zeros(n_h),
        "Why": 0.5 * rng.standard_normal((n_h, n_y)),
        "by": np.zeros(n_y),
    }


def forward(par, xs):
    """xs: (T, N, n_x). h[0] är starttillståndet, h[t+1] hör till xs[t]."""
    T, N, _ = xs.shape
    n_h = par["Whh"].shape[0]
    h = np.zeros((T + 1, N, n_h))
    ys = []
    for t in range(T):
        h[t + 1] = np.tanh(xs[t] @ par["Wxh"] + h[t] @ par["Whh"] + par["bh"])
        ys.append(h[t + 1] @ par["Why"] + par["by"])
    return np.array(ys), h


def backward(par, xs, h, ys, facit):
    T, N, _ = xs.shape
    grad = {k: np.zeros_like(v) for k, v in par.items()}
    dh_next = np.zeros_like(h[0])
    for t in reversed(range(T)):
        dy = 2 * (ys[t] - facit[t]) / (T * N)
        grad["Why"] += h[t + 1].T @ dy
        grad["by"] += dy.sum(axis=0)
        dh = dy @ par["Why"].T + dh_next
        da = dh * (1 - h[t + 1] ** 2)
        grad["Wxh"] += xs[t].T @ da
        grad["Whh"] += h[t + 1].T @ da
        grad["bh"] += da.sum(axis=0)
        dh_next = da @ par["Whh"].T
    return grad


def uppdatera(par, grad, lr, klipp=1.0):
    norm = np.sqrt(sum(np.sum(g ** 2) for g in grad.values()))
    skala = min(1.0, klipp / (norm + 1e-12))
    for k in par:
        par[k] -= lr * skala * grad[k]


def sekvenser(N, T, rng):
    xs = rng.uniform(-1, 1, (T, N, 1))
    facit = np.zeros((T, N, 1))
    s = np.zeros((N, 1))
    for t in range(T):
        s = 0.7 * s + 0.5 * xs[t]
        facit[t] = s
    return xs, facit


def main():
    rng = np.random.default_rng(99)
    par = init_param(1, 8, 1, rng)
    for it in range(801):
        xs, facit = sekvenser(32, 12, rng)
        ys, h = forward(par, xs)
        if it % 200 == 0:
            print("it %4d  mse %.5f" % (it, np.mean((ys - facit) ** 2)))
        grad = backward(par, xs, h, ys, facit)
        uppdatera(par, grad, lr=0.2)
    xs, facit = sekvenser(3, 12, rng)
    ys, _ = forward(par, xs)
    print("sista steget:", ys[-1, :, 0], "facit:", facit[-1, :, 0])


if __name__ == "__main__":
    main()
