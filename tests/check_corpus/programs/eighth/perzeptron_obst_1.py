# Übung 2 - Perzeptron, Äpfel vs. Birnen
# Gewicht [100 g] und Durchmesser [cm], ohne numpy
import random


class Perzeptron:
    def __init__(self, n_eingaenge, lernrate=0.1, epochen=50):
        self.gewichte = [0.0] * n_eingaenge
        self.bias = 0.0
        self.lernrate = lernrate
        self.epochen = epochen
        self.fehler_verlauf = []

    def netto(self, x):
        s = self.bias
        for w, xi in zip(self.gewichte, x):
            s += w * xi
        return s

    def predict(self, x):
        return 1 if self.netto(x) >= 0 else -1

    def fit(self, X, y):
        X, y = list(X), list(y)
        for ep in range(self.epochen):
            random.shuffle(X)
            anzahl_falsch = 0
            for x, ziel in zip(X, y):
                aus = self.predict(x)
                if aus != ziel:
                    anzahl_falsch += 1
                    for j in range(len(x)):
                        self.gewichte[j] += self.lernrate * ziel * x[j]
                    self.bias += self.lernrate * ziel
            self.fehler_verlauf.append(anzahl_falsch)
            if anzahl_falsch == 0:
                break
        return self


def erzeuge_obst(n):
    X, y = [], []
    for i in range(n):
        if i % 2 == 0:      # Apfel
            X.append([random.gauss(1.5, 0.15), random.gauss(8.0, 0.3)])
            y.append(1)
        else:               # Birne
            X.append([random.gauss(2.4, 0.15), random.gauss(6.0, 0.3)])
            y.append(-1)
    return X, y


def genauigkeit(modell, X, y):
    richtig = 0
    for x, ziel in zip(X, y):
        if modell.predict(x) == ziel:
            richtig += 1
    return richtig / len(y)


if __name__ == "__main__":
    random.seed(42)
    X_train, y_train = erzeuge_obst(120)
    X_test, y_test = erzeuge_obst(40)

    p = Perzeptron(2)
    p.fit(X_train, y_train)
    print("Fehler pro Epoche:", p.fehler_verlauf)
    print("Gewichte:", p.gewichte, "Bias:", p.bias)
    print("Genauigkeit Training: %.2f" % genauigkeit(p, X_train, y_train))
    print("Genauigkeit Test:     %.2f" % genauigkeit(p, X_test, y_test))
