# %% [markdown]
# # Autoencodeur à poids liés
# On compresse des spectres Raman (simulés) de 30 canaux en 3 nombres.
# Le décodeur utilise la transposée de la matrice du codeur.

# %%
import numpy as np
np.random.seed(17)

canaux = np.linspace(0, 30, 30)
raies = np.array([np.exp(-0.5 * ((canaux - c) / l) ** 2) for c, l in [(6, 1.5), (14, 2.5), (23, 1.8)]])
conc = np.random.dirichlet([1.2, 1.2, 1.2], size=250)
S = conc @ raies + 0.02 * np.random.randn(250, 30)
S = S - S.mean(axis=0)          # on centre chaque canal
S = S / np.abs(S).max()         # entre -1 et 1
n, d = S.shape

# %%
k = 3
W = np.random.randn(d, k) * 0.1
bc = np.zeros(k)                # biais codeur
bd = np.zeros(d)                # biais décodeur
alpha = 0.1


def perte(S):
    code = np.tanh(S @ W + bc)
    rec = code @ W.T + bd
    return 0.5 * np.sum((rec - S) ** 2) / len(S)


print("perte au départ : %.4f" % perte(S))

# %%
historique = []
for epoque in range(600):
    code = np.tanh(S @ W + bc)
    rec = code @ W.T + bd

    err = (rec - S) / n
    dpre = err @ W

    # W sert deux fois : codeur + décodeur
    gW = S.T @ dpre + err.T @ code
    gbc = dpre.sum(axis=0)
    gbd = err.sum(axis=0)

    W -= alpha * gW
    bc -= alpha * gbc
    bd -= alpha * gbd
    historique.append(perte(S))

# %%
for e in (0, 99, 199, 399, 599):
    print("époque %3d  perte %.4f" % (e + 1, historique[e]))

# %%
# comparaison avec l'ACP à 3 composantes
u, s, vt = np.linalg.svd(S - S.mean(0), full_matrices=False)
acp = 0.5 * np.sum(s[k:] ** 2) / n
print("ACP (borne inférieure) : %.4f" % acp)
