# du doan nang suat lua (tan/ha) tu luong mua, phan dam, nhiet do
# mang 1 lop an, tanh, tu viet theo sach - ky su nong nghiep tu hoc
import numpy as np

np.random.seed(3)
N = 120
mua = np.random.uniform(0, 1, N)
dam = np.random.uniform(0, 1, N)
nhiet = np.random.uniform(0, 1, N)
X = np.c_[mua, dam, nhiet] * 2 - 1
y = 4 + 2 * np.sin(2.5 * X[:, 0]) + 1.5 * X[:, 1] - X[:, 2] ** 2
y = y + 0.1 * np.random.randn(N)
y = y.reshape(-1, 1)
tb, dl = y.mean(), y.std()
y = (y - tb) / dl

so_an = 12
W1 = np.random.randn(3, so_an) / np.sqrt(3)
b1 = np.zeros((1, so_an))
W2 = np.random.randn(so_an, 1) / np.sqrt(so_an)
b2 = np.zeros((1, 1))
toc_do = 0.2

for lan in range(3000):
    # lan truyen xuoi
    z1 = X.dot(W1) + b1
    a1 = np.tanh(z1)
    yhat = a1.dot(W2) + b2
    sai_so = yhat - y
    mat_mat = 0.5 * np.mean(sai_so ** 2)

    # lan truyen nguoc
    d2 = sai_so / N
    dW2 = a1.T.dot(d2)
    db2 = np.sum(d2, axis=0, keepdims=True)
    d1 = d2.dot(W2.T) * (1 - np.tanh(z1) ** 2)
    dW1 = X.T.dot(d1)
    db1 = np.sum(d1, axis=0, keepdims=True)

    # cap nhat
    W1 = W1 - toc_do * dW1
    b1 = b1 - toc_do * db1
    W2 = W2 - toc_do * dW2
    b2 = b2 - toc_do * db2

    if lan % 500 == 0:
        print("lan", lan, "mat mat", round(float(mat_mat), 5))

yhat = np.tanh(X.dot(W1) + b1).dot(W2) + b2
print("sai so trung binh (tan/ha):", np.mean(np.abs(yhat - y)) * dl)
print("vai vi du:", (yhat[:3] * dl + tb).ravel(), (y[:3] * dl + tb).ravel())
