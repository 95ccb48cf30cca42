# -*- coding: utf-8 -*-
"""
Práctica 1 - Perceptrón simple (sin numpy)
Compuertas AND, OR, NAND y una nube de puntos linealmente separable.
Inteligencia Artificial, 2do cuatrimestre
"""
import random


def escalon(s):
    return 1 if s >= 0 else 0


def predecir(x, w, b):
    s = b
    for xi, wi in zip(x, w):
        s += xi * wi
    return escalon(s)


def entrenar(datos, tasa=0.1, max_epocas=100):
    n = len(datos[0][0])
    w = [random.uniform(-0.5, 0.5) for _ in range(n)]
    b = 0.0
    for epoca in range(max_epocas):
        fallos = 0
        random.shuffle(datos)
        for x, d in datos:
            error = d - predecir(x, w, b)
            if error != 0:
                fallos += 1
                for j in range(n):
                    w[j] += tasa * error * x[j]
        if fallos == 0:
            print("  convergió en la época", epoca)
            break
    else:
        print("  no convergió, fallos en la última época:", fallos)
    return w, b


def aciertos(datos, w, b):
    ok = 0
    for x, d in datos:
        if predecir(x, w, b) == d:
            ok += 1
    return ok / len(datos)


random.seed(7)
entradas = [(0, 0), (0, 1), (1, 0), (1, 1)]
puertas = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0]}

for nombre, salidas in puertas.items():
    print("Puerta", nombre)
    datos = list(zip(entradas, salidas))
    w, b = entrenar(datos)
    print("  pesos:", [round(v, 2) for v in w], "sesgo:", round(b, 2),
          "aciertos:", aciertos(datos, w, b))

# puntos a un lado y otro de la recta x1 - 2*x2 + 1.5 = 0
nube = []
while len(nube) < 150:
    p = (random.uniform(-4, 4), random.uniform(-4, 4))
    lado = p[0] - 2 * p[1] + 1.5
    if abs(lado) > 0.5:
        nube.append((p, 1 if lado > 0 else 0))
print("Nube de puntos")
w, b = entrenar(nube, tasa=0.05, max_epocas=300)
print("  aciertos en la nube:", aciertos(nube, w, b))
