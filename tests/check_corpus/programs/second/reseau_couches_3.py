# TP 2 : un petit reseau de neurones "a la main", couche par couche
# Regression : approcher la surface z = sin(2x) * cos(y)
import numpy as np


class Couche:
    def avant(self, entree):
        raise NotImplementedError

    def arriere(self, grad_sortie):
        raise NotImplementedError

    def mise_a_jour(self, pas):
        pass


class Dense(Couche):
    def __init__(self, n_entree, n_sortie, generateur):
        borne = np.sqrt(6.0 / (n_entree + n_sortie))
        self.poids = generateur.uniform(-borne, borne, (n_entree, n_sortie))
        self.biais = np.zeros((1, n_sortie))

    def avant(self, entree):
        self.entree = entree
        return entree @ self.poids + self.biais

    def arriere(self, grad_sortie):
        self.grad_poids = self.entree.T @ grad_sortie
        self.grad_biais = grad_sortie.sum(axis=0, keepdims=True)
        return grad_sortie @ self.poids.T

    def mise_a_jour(self, pas):
        self.poids = self.poids - pas * self.grad_poids
        self.biais = self.biais - pas * self.grad_biais


class Tanh(Couche):
    def avant(self, entree):
        self.sortie = np.tanh(entree)
        return self.sortie

    def arriere(self, grad_sortie):
        return grad_sortie * (1 - self.sortie ** 2)


class ErreurQuadratique:
    def valeur(self, prediction, cible):
        return np.mean((prediction - cible) ** 2)

    def gradient(self, prediction, cible):
        return 2 * (prediction - cible)


class Reseau:
    def __init__(self, couches, cout):
        self.couches = couches
        self.cout = cout

    def predire(self, x):
        for couche in self.couches:
            x = couche.avant(x)
        return x

    def un_pas(self, x, cible, pas):
        prediction = self.predire(x)
        grad = self.cout.gradient(prediction, cible)
        for couche in reversed(self.couches):
            grad = couche.arriere(grad)
        for couche in self.couches:
            couche.mise_a_jour(pas)
        return self.cout.valeur(prediction, cible)


def entrainer(reseau, x, cible, epoques, taille_lot, pas, generateur):
    n = len(x)
    for epoque in range(epoques):
        ordre = generateur.permutation(n)
        x, cible = x[ordre], cible[ordre]
        total = 0.0
        for debut in range(0, n, taille_lot):
            lot_x = x[debut:debut + taille_lot]
            lot_c = cible[debut:debut + taille_lot]
            total += reseau.un_pas(lot_x, lot_c, pas) * len(lot_x)
        if epoque % 40 == 0:
            print(f"epoque {epoque:3d}   cout moyen {total / n:.6f}")


if __name__ == "__main__":
    gen = np.random.default_rng(3)
    x = gen.uniform(-1.5, 1.5, (400, 2))
    z = np.sin(2 * x[:, :1]) * np.cos(x[:, 1:])

    reseau = Reseau(
        [Dense(2, 16, gen), Tanh(), Dense(16, 16, gen), Tanh(), Dense(16, 1, gen)],
        ErreurQuadratique(),
    )
    entrainer(reseau, x, z, epoques=201, taille_lot=20, pas=0.1, generateur=gen)

    x_test = gen.uniform(-1.5, 1.5, (20, 2))
    z_test = np.sin(2 * x_test[:, :1]) * np.cos(x_test[:, 1:])
    print("erreur de test :", np.mean((reseau.predire(x_test) - z_test) ** 2))
