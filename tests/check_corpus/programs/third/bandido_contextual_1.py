# REINFORCE en un bandido contextual
# política: softmax lineal; línea base: media móvil de la recompensa
import numpy as np

rng = np.random.default_rng(77)

N_CONTEXTO, N_BRAZOS = 3, 4
recompensa_real = rng.normal(0, 1, (N_CONTEXTO, N_BRAZOS))


def politica(W, s):
    u = s @ W
    u = u - np.max(u)
    e = np.exp(u)
    return e / np.sum(e)


def grad_log_pi(W, s, a):
    """gradiente de log pi(a|s) respecto a W"""
    pi = politica(W, s)
    d = -pi
    d[a] += 1.0
    return np.outer(s, d)


def entrenar(pasos=4000, alfa=0.1, beta=0.05):
    W = np.zeros((N_CONTEXTO, N_BRAZOS))
    base = 0.0
    acumulada = 0.0
    for t in range(1, pasos + 1):
        s = np.eye(N_CONTEXTO)[rng.integers(N_CONTEXTO)]
        pi = politica(W, s)
        a = rng.choice(N_BRAZOS, p=pi)
        r = s @ recompensa_real[:, a] + 0.3 * rng.standard_normal()

        # ascenso por gradiente sobre la recompensa esperada
        ventaja = r - base
        W -= alfa * ventaja * grad_log_pi(W, s, a)
        base += beta * (r - base)

        acumulada += r
        if t % 800 == 0:
            print(f"paso {t}: recompensa media {acumulada / 800:.3f}")
            acumulada = 0.0
    return W


W = entrenar()
for c in range(N_CONTEXTO):
    pi = politica(W, np.eye(N_CONTEXTO)[c])
    print("contexto", c, "mejor brazo", recompensa_real[c].argmax(), "política", np.round(pi, 2))
