# Aproximar una función con una red 1-H-1 (tanh), descenso con momento
# autodidacta, siguiendo el libro de Bishop
import numpy as np


def crear_red(n_ent, n_oc, n_sal, semilla=0):
    rng = np.random.default_rng(semilla)
    return {
        'W1': rng.normal(0, 1.0, (n_ent, n_oc)),
        'b1': rng.normal(0, 1.0, n_oc),
        'W2': rng.normal(0, 1 / np.sqrt(n_oc), (n_oc, n_sal)),
        'b2': np.zeros(n_sal),
    }


def adelante(red, x):
    h = np.tanh(x @ red['W1'] + red['b1'])
    y = h @ red['W2'] + red['b2']
    return h, y


def perdida(red, x, t):
    _, y = adelante(red, x)
    return 0.5 * np.mean(np.sum((y - t) ** 2, axis=1))


def atras(red, x, t):
    n = x.shape[0]
    h, y = adelante(red, x)
    delta_s = (y - t) / n
    delta_o = delta_s @ red['W2'].T * (1 - h ** 2)
    return {
        'W1': x.T @ delta_o,
        'b1': np.sum(delta_o, axis=0),
        'W2': h.T @ delta_s,
        'b2': np.sum(delta_s, axis=0),
    }


def entrenar(red, x, t, conf):
    vel = {k: np.zeros_like(v) for k, v in red.items()}
    mu, eta = conf['momento'], conf['eta']
    for paso in range(conf['pasos'] + 1):
        g = atras(red, x, t)
        for k in red:
            vel[k] = eta * g[k] - mu * vel[k]
            red[k] = red[k] - vel[k]
        if paso % conf['cada'] == 0:
            print(f"paso {paso:5d}   perdida = {perdida(red, x, t):.6f}")
    return red


if __name__ == '__main__':
    x = np.linspace(-3, 3, 80)[:, None]
    ruido = np.random.default_rng(8).normal(0, 0.05, x.shape)
    t = np.sin(1.5 * x) + 0.2 * x + ruido

    conf = {'momento': 0.9, 'eta': 0.05, 'pasos': 4000, 'cada': 500}
    red = entrenar(crear_red(1, 12, 1, semilla=3), x, t, conf)

    _, y = adelante(red, x)
    print('error rms:', np.sqrt(np.mean((y - t) ** 2)))
    for xi in (-2.0, 0.0, 1.0, 2.5):
        print('f(%.1f) = %.3f   real %.3f' % (xi, adelante(red, np.array([[xi]]))[1][0, 0], np.sin(1.5 * xi) + 0.2 * xi))
