# Mein erstes neuronales Netz, Gewichte und Biases als Listen
# quadratische Kosten, Sigmoid überall, stochastischer Gradientenabstieg
import random
import numpy as np

random.seed(4)
np.random.seed(4)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_abl(z):
    s = sigmoid(z)
    return s * (1 - s)


def netz_anlegen(groessen):
    biases = [np.random.randn(n, 1) for n in groessen[1:]]
    gewichte = [np.random.randn(n, m) / np.sqrt(m) for m, n in zip(groessen[:-1], groessen[1:])]
    return gewichte, biases


def ausgabe(gewichte, biases, a):
    for W, b in zip(gewichte, biases):
        a = sigmoid(np.dot(W, a) + b)
    return a


def rueckwaerts(gewichte, biases, x, y):
    """Gradienten von 0.5*|a-y|^2 für ein einzelnes Beispiel"""
    a = x
    aktivierungen = [x]
    zs = []
    for W, b in zip(gewichte, biases):
        z = np.dot(W, a) + b
        zs.append(z)
        a = sigmoid(z)
        aktivierungen.append(a)

    nabla_W = [None] * len(gewichte)
    nabla_b = [None] * len(biases)
    delta = (aktivierungen[-1] - y) * sigmoid_abl(zs[-1])
    nabla_W[-1] = np.dot(delta, aktivierungen[-2].T)
    nabla_b[-1] = delta
    for l in range(2, len(gewichte) + 1):
        delta = np.dot(gewichte[-l + 1].T, delta) * sigmoid_abl(aktivierungen[-l])
        nabla_W[-l] = np.dot(delta, aktivierungen[-l - 1].T)
        nabla_b[-l] = delta
    return nabla_W, nabla_b


def mini_batch_schritt(gewichte, biases, batch, eta):
    summe_W = [np.zeros(W.shape) for W in gewichte]
    summe_b = [np.zeros(b.shape) for b in biases]
    for x, y in batch:
        nW, nb = rueckwaerts(gewichte, biases, x, y)
        summe_W = [s + d for s, d in zip(summe_W, nW)]
        summe_b = [s + d for s, d in zip(summe_b, nb)]
    gewichte = [W - eta / len(batch) * s for W, s in zip(gewichte, summe_W)]
    biases = [b - eta / len(batch) * s for b, s in zip(biases, summe_b)]
    return gewichte, biases


def beispiel():
    # Punkt im Quadrat, Klasse = Quadrant 1/3 oder 2/4
    p = np.random.uniform(-1, 1, (2, 1))
    k = 0 if p[0, 0] * p[1, 0] > 0 else 1
    ziel = np.zeros((2, 1))
    ziel[k] = 1.0
    return p * 3, ziel


train = [beispiel() for _ in range(250)]
test = [beispiel() for _ in range(100)]

gewichte, biases = netz_anlegen([2, 8, 8, 2])
for epoche in range(60):
    random.shuffle(train)
    for k in range(0, len(train), 10):
        gewichte, biases = mini_batch_schritt(gewichte, biases, train[k:k + 10], eta=3.0)
    if epoche % 10 == 9:
        kosten = sum(0.5 * np.sum((ausgabe(gewichte, biases, x) - y) ** 2) for x, y in train) / len(train)
        richtig = sum(np.argmax(ausgabe(gewichte, biases, x)) == np.argmax(y) for x, y in test)
        print("Epoche", epoche + 1, "- Kosten", round(kosten, 4), "- Test:", richtig, "/", len(test))
