# Apprentissage des portes logiques (ET, OU, NON-ET) par un seul neurone sigmoïde
import numpy as np

ENTREES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
PORTES = {
    "ET": np.array([0, 0, 0, 1]),
    "OU": np.array([0, 1, 1, 1]),
    "NON-ET": np.array([1, 1, 1, 0]),
}


def sigmoide(s):
    return 1 / (1 + np.exp(-s))


def apprendre(entrees, cibles, taux=2.0, cycles=300):
    """règle du delta : erreur quadratique, mise à jour après chaque exemple"""
    poids = np.zeros(entrees.shape[1])
    biais = 0.0
    for cycle in range(cycles):
        erreur = 0.0
        for x, cible in zip(entrees, cibles):
            sortie = sigmoide(np.dot(poids, x) + biais)
            delta = (cible - sortie) * sortie * (1 - sortie)
            poids[:] = poids + taux * delta * x
            biais = biais + taux * delta * x[0]
            erreur += 0.5 * (cible - sortie) ** 2
        if cycle % 100 == 0:
            print("  cycle", cycle, "erreur", round(erreur, 4))
    return poids, biais


for nom, cibles in PORTES.items():
    print(nom)
    poids, biais = apprendre(ENTREES, cibles)
    sorties = sigmoide(ENTREES @ poids + biais)
    print("  poids", np.round(poids, 2), "biais", round(float(biais), 2))
    print("  sorties", np.round(sorties, 2), "ok" if np.all((sorties > 0.5) == cibles) else "raté")
