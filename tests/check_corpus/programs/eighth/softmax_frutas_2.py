# Regressão softmax para separar "frutas" (3 classes) - trabalho prático 2
# atributos: peso [g], diâmetro [cm], cor (0..1)
import numpy as np

np.random.seed(11)
nomes = ['limão', 'maçã', 'laranja']
medias = np.array([[60., 5.0, 0.25], [150., 7.0, 0.80], [190., 7.6, 0.55]])
desvios = np.array([[8., 0.4, 0.06], [18., 0.5, 0.07], [20., 0.5, 0.06]])

X_todos, y_todos = [], []
for k in range(3):
    X_todos.append(medias[k] + desvios[k] * np.random.randn(80, 3))
    y_todos.append(np.full(80, k))
X_todos = np.concatenate(X_todos)
y_todos = np.concatenate(y_todos)

# embaralha e separa treino / teste
ordem = np.random.permutation(len(X_todos))
X_todos, y_todos = X_todos[ordem], y_todos[ordem]
X_treino, y_treino = X_todos[:180], y_todos[:180]
X_teste, y_teste = X_todos[180:], y_todos[180:]

# normalização (só com as estatísticas do treino!)
mu = X_treino.mean(axis=0)
sd = X_treino.std(axis=0)
X_treino = (X_treino - mu) / sd
X_teste = (X_teste - mu) / sd


def softmax(z):
    z = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def one_hot(y, k):
    return np.eye(k)[y]


def custo(X, Y, W, b):
    z = X @ W + b
    z = z - np.max(z, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(np.sum(Y * logp, axis=1))


W = 0.01 * np.random.randn(3, 3)
b = np.zeros(3)
taxa = 0.5
n_lote = 20
Y_treino = one_hot(y_treino, 3)

for epoca in range(1, 41):
    ordem = np.random.permutation(len(X_treino))
    Xe, Ye = X_treino[ordem], Y_treino[ordem]
    for i in range(0, len(Xe), n_lote):
        xb, yb = Xe[i:i + n_lote], Ye[i:i + n_lote]
        p = softmax(xb @ W + b)
        erro = p - yb
        W -= taxa * xb.T @ erro / len(xb)
        b -= taxa * erro.mean()
    if epoca % 10 == 0:
        print('época %d: custo = %.4f' % (epoca, custo(X_treino, Y_treino, W, b)))

pred = np.argmax(X_teste @ W + b, axis=1)
print('acerto no teste: %.1f%%' % (100 * np.mean(pred == y_teste)))
for k in range(3):
    print('  %s: %d de %d' % (nomes[k], np.sum(pred[y_teste == k] == k), np.sum(y_teste == k)))
