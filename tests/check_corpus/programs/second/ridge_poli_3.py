# Regressao polinomial com regularizacao L2 (ridge) por gradiente descendente
# Lista 2, exercicio 4
import numpy as np

np.random.seed(10)

# dados: cosseno com ruido
N = 40
GRAU = 5
x = np.sort(np.random.uniform(-1, 1, N))
y = np.cos(2.5 * x) + 0.1 * np.random.randn(N)
y = y.reshape(N, 1)


def atributos(x):
    # colunas x, x^2, ..., x^GRAU
    return np.stack([x ** k for k in range(1, GRAU + 1)], axis=1)


X = atributos(x)


def custo(w, b, lam):
    residuo = X @ w + b - y
    return np.mean(residuo ** 2) + lam * np.sum(w ** 2)


def gradiente(w, b, lam):
    residuo = X @ w + b - y
    grad_w = np.zeros((GRAU, 1), dtype=int)
    for j in range(GRAU):
        grad_w[j, 0] = 2 * np.mean(residuo * X[:, [j]])
    grad_w = grad_w + 2 * lam * w
    grad_b = 2 * np.mean(residuo)
    return grad_w, grad_b


def ajustar(lam, taxa=0.4, iteracoes=2500):
    w = np.zeros((GRAU, 1))
    b = 0.0
    for it in range(iteracoes):
        grad_w, grad_b = gradiente(w, b, lam)
        w = w - taxa * grad_w
        b = b - taxa * grad_b
    return w, b


if __name__ == "__main__":
    for lam in (0.0, 0.001, 0.1):
        w, b = ajustar(lam)
        print("lambda = %-6g custo = %.6f  erro = %.6f  |w| = %.4f"
              % (lam, custo(w, b, lam), custo(w, b, 0), np.linalg.norm(w)))

    # comparar com a solucao fechada (sem penalizar o b)
    lam = 0.001
    w, b = ajustar(lam)
    Xc = X - X.mean(axis=0)
    exata = np.linalg.solve(Xc.T @ Xc / N + lam * np.eye(GRAU), Xc.T @ (y - y.mean()) / N)
    print("gradiente descendente:", np.round(w.ravel(), 3))
    print("solucao fechada:      ", np.round(exata.ravel(), 3))
