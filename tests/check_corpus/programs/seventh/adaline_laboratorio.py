# Laboratório 1 - Redes Neurais - ADALINE (regra delta, em lote)
# Prof. Carvalho / aluno: Thiago     (só Python puro, sem bibliotecas)
import random

random.seed(10)


def gera_dados(na=130, nb=70):
    """altura (cm), peso (kg) -> -1 ou +1"""
    dados = []
    for _ in range(na):
        dados.append(([random.gauss(170, 7), random.gauss(62, 6)], -1))
    for _ in range(nb):
        dados.append(([random.gauss(183, 7), random.gauss(84, 7)], 1))
    random.shuffle(dados)
    return [d[0] for d in dados], [d[1] for d in dados]


def media_desvio(coluna):
    m = sum(coluna) / len(coluna)
    v = sum((c - m) ** 2 for c in coluna) / len(coluna)
    return m, v ** 0.5


class Adaline:
    def __init__(self, taxa=0.05, epocas=60):
        self.taxa = taxa
        self.epocas = epocas

    def liquida(self, x):
        return sum(wi * xi for wi, xi in zip(self.w, x)) + self.b

    def treina(self, X, y):
        N, d = len(X), len(X[0])
        self.w = [random.gauss(0, 0.01) for _ in range(d)]
        self.b = 0.0
        self.custos = []
        for ep in range(self.epocas):
            gw = [0.0] * d
            gb = 0.0
            custo = 0.0
            for xi, yi in zip(X, y):
                erro = yi - self.liquida(xi)
                custo += 0.5 * erro ** 2
                for j in range(d):
                    gw[j] += erro * xi[j]
                gb += erro
            for j in range(d):
                self.w[j] += self.taxa * gw[j] / N
            self.b += self.taxa * gb / N
            self.custos.append(custo / N)
        return self

    def prediz(self, x):
        return 1 if self.liquida(x) >= 0 else -1


X, y = gera_dados()
ntr = 150
estat = [media_desvio([x[j] for x in X[:ntr]]) for j in range(2)]
Xp = [[(x[j] - estat[j][0]) / estat[j][1] for j in range(2)] for x in X]
modelo = Adaline().treina(Xp[:ntr], y[:ntr])
for ep in range(0, modelo.epocas, 10):
    print("época %2d  custo %.5f" % (ep, modelo.custos[ep]))
print("pesos:", modelo.w, "viés:", modelo.b)
acertos = [modelo.prediz(a) == b for a, b in zip(Xp[ntr:], y[ntr:])]
print("acerto no teste: %.2f" % (sum(acertos) / len(acertos)))
