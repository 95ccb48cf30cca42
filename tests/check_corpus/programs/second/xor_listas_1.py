# Red neuronal para XOR sin librerias (solo listas)
# Practica 3 - Inteligencia Artificial
import math
import random

random.seed(7)

datos = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]

N_ENTRADA = 2
N_OCULTA = 3
TASA = 0.6
EPOCAS = 6000


def sigmoide(x):
    return 1.0 / (1.0 + math.exp(-x))


def derivada(y):
    # y ya es la salida de la sigmoide
    return y * (1.0 - y)


# pesos[j][i]: de la entrada i a la neurona oculta j
pesos_oculta = [[random.uniform(-1, 1) for _ in range(N_ENTRADA)] for _ in range(N_OCULTA)]
sesgo_oculta = [random.uniform(-1, 1) for _ in range(N_OCULTA)]
pesos_salida = [random.uniform(-1, 1) for _ in range(N_OCULTA)]
sesgo_salida = random.uniform(-1, 1)


def propagar(x):
    oculta = []
    for j in range(N_OCULTA):
        suma = sesgo_oculta[j]
        for i in range(N_ENTRADA):
            suma += pesos_oculta[j][i] * x[i]
        oculta.append(sigmoide(suma))
    total = sesgo_salida
    for j in range(N_OCULTA):
        total += pesos_salida[j] * oculta[j]
    return oculta, sigmoide(total)


for epoca in range(EPOCAS):
    error_total = 0.0
    for x, objetivo in datos:
        oculta, salida = propagar(x)
        error = objetivo - salida
        error_total += 0.5 * error ** 2

        # deltas
        delta_salida = error * derivada(salida)
        for j in range(N_OCULTA):
            pesos_salida[j] += TASA * delta_salida * oculta[j]
        delta_oculta = []
        for j in range(N_OCULTA):
            delta_oculta.append(delta_salida * pesos_salida[j] * derivada(oculta[j]))

        # actualizar los pesos
        for j in range(N_OCULTA):
            for i in range(N_ENTRADA):
                pesos_oculta[j][i] += TASA * delta_oculta[j] * x[i]
            sesgo_oculta[j] += TASA * delta_oculta[j]
        sesgo_salida += TASA * delta_salida

    if epoca % 1000 == 0:
        print("epoca", epoca, "error", round(error_total, 5))

print("Resultados:")
for x, objetivo in datos:
    _, salida = propagar(x)
    print(x, "->", round(salida, 3), "esperado", objetivo)
