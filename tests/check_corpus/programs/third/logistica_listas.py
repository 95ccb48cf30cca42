# Regresión logística sin bibliotecas: solo listas y math
# ¿Aprueba el alumno? datos: horas de estudio, horas de sueño
import math
import random

random.seed(9)


def generar(n):
    datos = []
    for _ in range(n):
        estudio = random.uniform(0, 10)
        sueno = random.uniform(3, 9)
        puntos = 0.9 * estudio + 0.6 * sueno - 7.5 + random.gauss(0, 1)
        datos.append(([estudio / 10, sueno / 10], 1 if puntos > 0 else 0))
    return datos


def sigmoide(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    e = math.exp(z)
    return e / (1 + e)


def predecir(w, b, x):
    return sigmoide(sum(wi * xi for wi, xi in zip(w, x)) + b)


def perdida(datos, w, b):
    total = 0.0
    for x, y in datos:
        p = predecir(w, b, x)
        p = min(max(p, 1e-12), 1 - 1e-12)
        total -= y * math.log(p) + (1 - y) * math.log(1 - p)
    return total / len(datos)


def gradiente(datos, w, b):
    gw = [0.0] * len(w)
    gb = 0.0
    for x, y in datos:
        error = predecir(w, b, x) - y
        for i in range(len(w)):
            gw[i] += error * x[i]
        gb += error
    n = len(datos)
    return [g / n for g in gw], gb / n


def entrenar(datos, tasa=2.0, vueltas=500):
    w, b = [0.0] * len(datos[0][0]), 0.0
    for v in range(vueltas):
        gw, gb = gradiente(datos, w, b)
        w = [wi - tasa * gi for wi, gi in zip(w, gw)]
        b = b - tasa * gb
        if v % 100 == 0:
            print("vuelta", v, "pérdida %.5f" % perdida(datos, w, b))
    return w, b


datos = generar(120)
w, b = entrenar(datos)
aciertos = sum((predecir(w, b, x) > 0.5) == (y == 1) for x, y in datos)
print("pesos", [round(wi, 3) for wi in w], "sesgo", round(b, 3))
print("aciertos:", aciertos, "de", len(datos))
