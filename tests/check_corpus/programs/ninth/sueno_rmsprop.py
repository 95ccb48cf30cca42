# Horas de sueno de adolescentes -> cansado si/no.
# Vengo de R, por eso los nombres raros y las "listas".
import numpy as np

set_seed = np.random.seed
set_seed(123)

# data.frame casero
nfilas = 250
df = {
    "horas": np.random.normal(7, 1.3, nfilas),
    "pantalla": np.random.gamma(3, 1, nfilas),
    "cafe": np.random.poisson(1.5, nfilas),
}
df["cansado"] = ((np.abs(df["horas"] - 8) + 0.4 * df["pantalla"] - 0.3 * df["cafe"]
                  + np.random.normal(0, 0.3, nfilas)) > 1.8) * 1.0


def scale(v):
    return (v - np.mean(v)) / np.std(v, ddof=1)


def plogis(q):
    return 1 / (1 + np.exp(-q))


X = np.column_stack([scale(df[c]) for c in ("horas", "pantalla", "cafe")])
y = df["cansado"].reshape(nfilas, 1)

fit = {
    "W_in": np.random.normal(0, 0.7, (3, 8)), "b_in": np.zeros((1, 8)),
    "W_out": np.random.normal(0, 0.5, (8, 1)), "b_out": np.zeros((1, 1)),
}
cache = {nm: np.zeros_like(fit[nm]) for nm in fit}
ctrl = {"lr": 0.01, "rho": 0.9, "eps": 1e-8, "maxit": 60, "size": 25}


def loglik(q, y):
    return np.sum(y * q - np.logaddexp(0, q))


for it in range(ctrl["maxit"]):
    muestra = np.random.permutation(nfilas)
    for desde in range(0, nfilas, ctrl["size"]):
        i = muestra[desde:desde + ctrl["size"]]
        Xi, yi = X[i, :], y[i, :]
        # ida
        oculta = plogis(Xi @ fit["W_in"] + fit["b_in"])
        q = oculta @ fit["W_out"] + fit["b_out"]
        # vuelta (minimiza -loglik / n)
        dq = (plogis(q) - yi) / len(i)
        d_oculta = (dq @ fit["W_out"].T) * oculta * (1 - oculta)
        grad = {
            "W_in": Xi.T @ d_oculta, "b_in": d_oculta.sum(axis=0, keepdims=True),
            "W_out": oculta.T @ dq, "b_out": dq.sum(axis=0, keepdims=True),
        }
        for nm in fit:
            cache[nm] = ctrl["rho"] * cache[nm] + (1 - ctrl["rho"]) * grad[nm] ** 2
            fit[nm] = fit[nm] - ctrl["lr"] * grad[nm] / (np.sqrt(cache[nm]) + ctrl["eps"])
    if it % 10 == 0:
        q = plogis(X @ fit["W_in"] + fit["b_in"]) @ fit["W_out"] + fit["b_out"]
        print("iter", it, "-loglik/n:", -loglik(q, y) / nfilas)

q = plogis(X @ fit["W_in"] + fit["b_in"]) @ fit["W_out"] + fit["b_out"]
pred = q > 0
for obs in (0, 1):
    print("obs =", obs, " pred 0/1:", int((~pred[y == obs]).sum()), int(pred[y == obs].sum()))
