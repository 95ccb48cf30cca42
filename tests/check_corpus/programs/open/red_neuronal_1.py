# Red neuronal sencilla: predecir la nota del examen
# entradas: horas de estudio, horas de sueño
import numpy as np

np.random.seed(20)

entradas = np.array([[3, 5], [5, 1], [10, 2], [6, 8], [8, 7], [2, 9], [4, 6], [7, 3]], dtype=float)
notas = np.array([[75], [62], [83], [90], [95], [64], [77], [80]], dtype=float)

# normalizar los datos
entradas = entradas / entradas.max(axis=0)
notas = notas / 100

n_ocultas = 4
pesos_ocultos = np.random.randn(2, n_ocultas)
sesgo_oculto = np.zeros(n_ocultas)
pesos_salida = np.random.randn(n_ocultas, 1)
sesgo_salida = np.zeros(1)
tasa = 0.05
historial = []


def relu(v):
    return np.maximum(0, v)


for paso in range(2001):
    # propagación hacia adelante
    suma_oculta = entradas @ pesos_ocultos + sesgo_oculto
    capa_oculta = relu(suma_oculta)
    prediccion = capa_oculta @ pesos_salida + sesgo_salida

    # error cuadrático medio
    error = prediccion - notas
    perdida = np.mean(error ** 2)
    historial.append(perdida)

    # propagación hacia atrás
    d_prediccion = error / len(entradas)
    d_pesos_salida = capa_oculta.T @ d_prediccion
    d_sesgo_salida = d_prediccion.sum(axis=0)
    d_oculta = d_prediccion @ pesos_salida.T
    d_suma = d_oculta * (suma_oculta > 0)
    d_pesos_ocultos = entradas.T @ d_suma
    d_sesgo_oculto = d_suma.sum(axis=0)

    # descenso del gradiente
    pesos_salida -= tasa * d_pesos_salida
    sesgo_salida -= tasa * d_sesgo_salida
    pesos_ocultos -= tasa * d_pesos_ocultos
    sesgo_oculto -= tasa * d_sesgo_oculto

    if paso % 500 == 0:
        print("paso", paso, "pérdida", perdida)

print("Predicciones finales:")
print(np.round(prediccion.ravel() * 100, 2))
print("Notas reales:")
print(notas.ravel() * 100)
