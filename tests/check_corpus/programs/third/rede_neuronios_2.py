# Rede neural orientada a objetos, sem numpy.
# Cada neurônio guarda seus pesos, sua saída e seu delta.
import math
import random

random.seed(5)


class Neuronio:
    def __init__(self, n_entradas):
        self.pesos = [random.uniform(-1, 1) for _ in range(n_entradas)]
        self.vies = random.uniform(-1, 1)
        self.saida = 0.0
        self.delta = 0.0
        self.entradas = []

    def ativar(self, entradas):
        self.entradas = entradas
        soma = self.vies
        for p, e in zip(self.pesos, entradas):
            soma += p * e
        self.saida = 1.0 / (1.0 + math.exp(-soma))
        return self.saida

    def derivada(self):
        return self.saida * (1.0 - self.saida)

    def atualizar(self, taxa):
        for i in range(len(self.pesos)):
            self.pesos[i] -= taxa * self.delta * self.entradas[i]
        self.vies -= taxa * self.delta


class Camada:
    def __init__(self, n_neuronios, n_entradas):
        self.neuronios = [Neuronio(n_entradas) for _ in range(n_neuronios)]

    def propagar(self, entradas):
        return [n.ativar(entradas) for n in self.neuronios]


class Rede:
    def __init__(self, n_entradas, n_ocultos, n_saidas):
        self.oculta = Camada(n_ocultos, n_entradas)
        self.saida = Camada(n_saidas, n_ocultos)

    def prever(self, entradas):
        return self.saida.propagar(self.oculta.propagar(entradas))

    def treinar(self, entradas, alvos, taxa):
        self.prever(entradas)

        # deltas da camada de saída (erro quadrático)
        for n, alvo in zip(self.saida.neuronios, alvos):
            n.delta = (n.saida - alvo) * n.derivada()

        for n in self.saida.neuronios:
            n.atualizar(taxa)

        # deltas da camada oculta
        for j, n in enumerate(self.oculta.neuronios):
            erro = 0.0
            for k in self.saida.neuronios:
                erro += k.pesos[j] * k.delta
            n.delta = erro * n.derivada()

        for n in self.oculta.neuronios:
            n.atualizar(taxa)

    def erro_total(self, dados):
        total = 0.0
        for entradas, alvos in dados:
            for s, a in zip(self.prever(entradas), alvos):
                total += 0.5 * (s - a) ** 2
        return total


# saída 1: XOR, saída 2: AND
dados = [
    ([0, 0], [0, 0]),
    ([0, 1], [1, 0]),
    ([1, 0], [1, 0]),
    ([1, 1], [0, 1]),
]

rede = Rede(2, 4, 2)
for epoca in range(3001):
    for entradas, alvos in dados:
        rede.treinar(entradas, alvos, taxa=0.7)
    if epoca % 500 == 0:
        print("época", epoca, "erro", round(rede.erro_total(dados), 6))

for entradas, alvos in dados:
    print(entradas, [round(s, 3) for s in rede.prever(entradas)], "esperado", alvos)
