# TP1 - regression lineaire simple, sans numpy
# modele : y = a*x + b
import random


def creer_donnees(n, graine=42):
    random.seed(graine)
    xs, ys = [], []
    for _ in range(n):
        x = random.uniform(-2, 3)
        y = 1.7 * x - 0.8 + random.gauss(0, 0.3)
        xs.append(x)
        ys.append(y)
    return xs, ys


def cout(a, b, xs, ys):
    """erreur quadratique moyenne"""
    total = 0.0
    for x, y in zip(xs, ys):
        total += (a * x + b - y) ** 2
    return total / len(xs)


def gradients(a, b, xs, ys):
    n = len(xs)
    ga = 0.0
    gb = 0.0
    for x, y in zip(xs, ys):
        e = a * x + b - y
        ga += 2 * e * x / n
        gb += 2 * e / n
    return ga, gb


def entrainer(xs, ys, pas=0.05, epoques=300, affiche=50):
    a, b = 0.0, 0.0
    for ep in range(epoques):
        a = a - pas * gradients(a, b, xs, ys)[0]
        b = b - pas * gradients(a, b, xs, ys)[1]
        if ep % affiche == 0:
            print(f"epoque {ep:4d}   cout = {cout(a, b, xs, ys):.5f}")
    return a, b


if __name__ == "__main__":
    xs, ys = creer_donnees(120)
    a, b = entrainer(xs, ys)
    print("a =", round(a, 3), " b =", round(b, 3))
    print("cout final :", round(cout(a, b, xs, ys), 5))
