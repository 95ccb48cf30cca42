# -*- coding: utf-8 -*-
# Retropropagación en Python puro, siguiendo el tutorial de las semillas de trigo
# (cambié el csv por datos generados y los nombres a español para entenderlo mejor)
from math import exp
from random import seed, random, gauss, shuffle


def inicializar_red(n_entradas, n_ocultas, n_salidas):
    # el último peso de cada neurona es el sesgo
    oculta = [{'pesos': [random() - 0.5 for _ in range(n_entradas + 1)]} for _ in range(n_ocultas)]
    salida = [{'pesos': [random() - 0.5 for _ in range(n_ocultas + 1)]} for _ in range(n_salidas)]
    return [oculta, salida]


def activar(pesos, entradas):
    activacion = pesos[-1]
    for i in range(len(pesos) - 1):
        activacion += pesos[i] * entradas[i]
    return activacion


def transferencia(activacion):
    return 1.0 / (1.0 + exp(-activacion))


def derivada(salida):
    return salida * (1.0 - salida)


def propagar(red, fila):
    entradas = fila
    for capa in red:
        nuevas = []
        for neurona in capa:
            neurona['salida'] = transferencia(activar(neurona['pesos'], entradas))
            nuevas.append(neurona['salida'])
        entradas = nuevas
    return entradas


def retropropagar(red, esperado):
    for i in reversed(range(len(red))):
        capa = red[i]
        errores = []
        if i != len(red) - 1:
            error = 0.0
            for j in range(len(capa)):
                for neurona in red[i + 1]:
                    error += neurona['pesos'][j] * neurona['delta']
                errores.append(error)
        else:
            for j in range(len(capa)):
                errores.append(esperado[j] - capa[j]['salida'])
        for j in range(len(capa)):
            neurona = capa[j]
            neurona['delta'] = errores[j] * derivada(neurona['salida'])


def actualizar_pesos(red, fila, tasa):
    for i in range(len(red)):
        entradas = fila
        if i != 0:
            entradas = [neurona['salida'] for neurona in red[i - 1]]
        for neurona in red[i]:
            for j in range(len(entradas)):
                neurona['pesos'][j] += tasa * neurona['delta'] * entradas[j]
            neurona['pesos'][-1] += tasa * neurona['delta']


def entrenar(red, datos, tasa, n_epocas, n_salidas):
    for epoca in range(n_epocas):
        suma_error = 0
        shuffle(datos)
        for x, clase in datos:
            salidas = propagar(red, x)
            esperado = [0] * n_salidas
            esperado[clase] = 1
            suma_error += 0.5 * sum((esperado[i] - salidas[i]) ** 2 for i in range(n_salidas))
            retropropagar(red, esperado)
            actualizar_pesos(red, x, tasa)
        if epoca % 15 == 0:
            print('>época=%d, tasa=%.3f, error=%.3f' % (epoca, tasa, suma_error))


def predecir(red, fila):
    salidas = propagar(red, fila)
    return salidas.index(max(salidas))


seed(1)
medias = [(-1.0, 0.2, -0.7), (0.4, 1.1, 0.6), (1.0, -0.9, 0.1)]
datos = []
for n in range(120):
    c = n % 3
    datos.append(([m + gauss(0, 0.4) for m in medias[c]], c))
shuffle(datos)
entrena, prueba = datos[:90], datos[90:]

red = inicializar_red(3, 5, 3)
entrenar(red, entrena, 0.3, 91, 3)
bien = sum(1 for x, c in prueba if predecir(red, x) == c)
print('exactitud en prueba: %.1f%%' % (100.0 * bien / len(prueba)))
