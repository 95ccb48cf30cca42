# RNN simples: a saída no tempo t deve lembrar a entrada de 2 passos atrás
# vetores coluna, BPTT completo em cada sequência
import numpy as np

np.random.seed(5)


class RNN:
    def __init__(self, n_in, n_hid, n_out):
        self.Wxh = np.random.randn(n_hid, n_in) * 0.3
        self.Whh = np.random.randn(n_hid, n_hid) * 0.3
        self.Why = np.random.randn(n_out, n_hid) * 0.3
        self.bh = np.zeros((n_hid, 1))
        self.by = np.zeros((n_out, 1))

    def nomes(self):
        return ["Wxh", "Whh", "Why", "bh", "by"]

    def zera_grad(self):
        self.grad = {n: np.zeros_like(getattr(self, n)) for n in self.nomes()}

    def frente(self, xs):
        self.xs = xs
        self.hs = {-1: np.zeros_like(self.bh)}
        ys = []
        for t, x in enumerate(xs):
            self.hs[t] = np.tanh(self.Wxh @ x + self.Whh @ self.hs[t - 1] + self.bh)
            ys.append(self.Why @ self.hs[t] + self.by)
        return ys

    def tras(self, dys):
        dh_prox = np.zeros_like(self.bh)
        for t in reversed(range(len(dys))):
            self.grad["Why"] += dys[t] @ self.hs[t].T
            self.grad["by"] += dys[t]
            dh = self.Why.T @ dys[t] + dh_prox
            dz = (1 - self.hs[t] ** 2) * dh
            self.grad["Wxh"] += dz @ self.xs[t].T
            self.grad["Whh"] += dz @ self.hs[t - 1].T
            self.grad["bh"] += dz
            dh_prox = self.Whh @ dz


class Treinador:
    def __init__(self, rede, taxa=0.02, limite=1.0):
        self.rede = rede
        self.taxa = taxa
        self.limite = limite

    def passo(self, xs, alvos):
        ys = self.rede.frente(xs)
        T = len(xs)
        custo = sum(float(np.sum((y - a) ** 2)) for y, a in zip(ys, alvos)) / T
        dys = [2 * (y - a) / T for y, a in zip(ys, alvos)]
        self.rede.zera_grad()
        self.rede.tras(dys)
        # corte da norma global, senão explode de vez em quando
        norma = np.sqrt(sum(np.sum(g ** 2) for g in self.rede.grad.values()))
        escala = min(1.0, self.limite / (norma + 1e-8))
        for n in self.rede.nomes():
            p = getattr(self.rede, n)
            p -= self.taxa * escala * self.rede.grad[n]
        return custo


def sequencia(T):
    u = np.random.uniform(-1, 1, T)
    xs = [np.array([[v]]) for v in u]
    alvos = [np.array([[u[t - 2]]]) if t >= 2 else np.zeros((1, 1)) for t in range(T)]
    return xs, alvos


rede = RNN(1, 12, 1)
treino = Treinador(rede, taxa=0.1)
media = []
for it in range(1, 1501):
    xs, alvos = sequencia(12)
    media.append(treino.passo(xs, alvos))
    if it % 250 == 0:
        print("iteração", it, "custo médio: %.4f" % np.mean(media[-250:]))
