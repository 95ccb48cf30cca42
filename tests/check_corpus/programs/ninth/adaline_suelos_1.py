# ADALINE para clasificar suelos: +1 fertil, -1 pobre
# Python puro (el portatil del campo no tiene nada instalado)
import random

random.seed(99)

muestras = []
for i in range(100):
    fertil = random.random() < 0.5
    humus = random.gauss(1.0 if fertil else -1.0, 0.7)
    ph = random.gauss(0.3 if fertil else -0.4, 0.8)
    arcilla = random.gauss(0.0, 1.0)
    muestras.append(([humus, ph, arcilla], 1.0 if fertil else -1.0))

n = len(muestras)
pesos = [random.uniform(-0.1, 0.1) for _ in range(3)]
sesgo = 0.0
tasa = 0.1

for epoca in range(80):
    grad = [0.0, 0.0, 0.0]
    grad_sesgo = 0.0
    coste = 0.0
    for x, d in muestras:
        salida = sesgo
        for j in range(3):
            salida = salida + pesos[j] * x[j]
        error = d - salida
        coste = coste + 0.5 * error ** 2
        for j in range(3):
            grad[j] = grad[j] - error * x[j]
        grad_sesgo = grad_sesgo - error / n
    for j in range(3):
        pesos[j] = pesos[j] - tasa * grad[j] / n
    sesgo = sesgo - tasa * grad_sesgo / n
    if epoca % 10 == 0:
        print("epoca", epoca, "coste medio", coste / n)

bien = 0
for x, d in muestras:
    s = sesgo + sum(p * xi for p, xi in zip(pesos, x))
    if (s >= 0) == (d > 0):
        bien += 1
print("pesos", pesos, "sesgo", sesgo)
print("aciertos", bien, "de", n)
