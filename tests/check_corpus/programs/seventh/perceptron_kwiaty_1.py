# Perceptron Rosenblatta - dwa gatunki kwiatów (dane wymyślone, liniowo rozdzielne)
# cechy: długość i szerokość płatka w cm
import numpy as np

np.random.seed(3)

ile = 40
gat_a = np.column_stack([np.random.normal(1.5, 0.2, ile), np.random.normal(0.3, 0.08, ile)])
gat_b = np.column_stack([np.random.normal(3.6, 0.4, ile), np.random.normal(1.2, 0.15, ile)])
X = np.vstack([gat_a, gat_b])
d = np.array([-1] * ile + [1] * ile)

w = np.array([0, 0])
prog = 0.0       # wyraz wolny
eta = 0.3

for epoka in range(1, 101):
    bledy = 0
    for i in np.random.permutation(len(X)):
        y = 1 if np.dot(w, X[i]) + prog > 0 else -1
        if y != d[i]:
            for j in range(2):
                w[j] += eta * d[i] * X[i, j]
            prog += eta * d[i]
            bledy += 1
    print("epoka", epoka, "błędów:", bledy)
    if bledy == 0:
        print("zbieżność!")
        break

print("w =", w, " prog =", prog)
zle = 0
for x, cel in zip(X, d):
    if (1 if np.dot(w, x) + prog > 0 else -1) != cel:
        zle += 1
print("źle sklasyfikowane:", zle, "z", len(X))
