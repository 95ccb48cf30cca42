import numpy as np

# Uebungsblatt 5: Neuronales Netz mit einer versteckten Schicht
# Beispiele stehen in den Spalten! X hat die Form (merkmale, anzahl)


class Netz:
    def __init__(self, groessen, lernrate=0.1):
        zufall = np.random.default_rng(11)
        self.lernrate = lernrate
        self.Gewichte = []
        self.Schwellen = []
        for ein, aus in zip(groessen[:-1], groessen[1:]):
            self.Gewichte.append(zufall.normal(0, 1 / np.sqrt(ein), (aus, ein)))
            self.Schwellen.append(np.zeros((aus, 1)))

    def vorwaerts(self, X):
        # alle Aktivierungen merken, wir brauchen sie spaeter
        self.aktivierungen = [X]
        A = X
        letzte = len(self.Gewichte) - 1
        for i, (G, b) in enumerate(zip(self.Gewichte, self.Schwellen)):
            Z = G @ A + b
            A = Z if i == letzte else np.tanh(Z)   # Ausgabe ist linear
            self.aktivierungen.append(A)
        return A

    def fehler(self, X, Y):
        diff = self.vorwaerts(X) - Y
        return 0.5 * np.mean(np.sum(diff ** 2, axis=0))

    def rueckwaerts(self, Y):
        """berechnet die Gradienten fuer alle Schichten"""
        anzahl = Y.shape[1]
        self.dG = [None] * len(self.Gewichte)
        self.db = [None] * len(self.Gewichte)
        delta = (self.aktivierungen[-1] - Y) / anzahl
        for i in reversed(range(len(self.Gewichte))):
            A_vor = self.aktivierungen[i]
            self.dG[i] = delta @ A_vor.T
            self.db[i] = np.mean(delta, axis=1, keepdims=True)
            if i > 0:
                delta = (self.Gewichte[i].T @ delta) * (1 - A_vor ** 2)

    def lernschritt(self):
        for i in range(len(self.Gewichte)):
            self.Gewichte[i] -= self.lernrate * self.dG[i]
            self.Schwellen[i] -= self.lernrate * self.db[i]

    def trainiere(self, X, Y, epochen):
        verlauf = []
        for e in range(epochen):
            verlauf.append(self.fehler(X, Y))
            self.rueckwaerts(Y)
            self.lernschritt()
        return verlauf


# --- Sinuskurve lernen ---
X = np.linspace(-3, 3, 50).reshape(1, 50)
Y = np.sin(X) + 0.5

netz = Netz([1, 10, 1], lernrate=0.1)
verlauf = netz.trainiere(X, Y, 1500)
for e in range(0, 1500, 300):
    print("Epoche", e, "Fehler", round(verlauf[e], 6))
print("Endfehler:", netz.fehler(X, Y))
