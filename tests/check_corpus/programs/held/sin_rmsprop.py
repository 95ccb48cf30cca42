# sin(x) 근사하기: 은닉층 1개(leaky ReLU) + RMSProp, 전체 배치
# 지식인에 올렸던 코드 정리본
import numpy as np

np.random.seed(2)

N = 120
x = np.linspace(-3.0, 3.0, N).reshape(N, 1)
y = np.sin(x) + 0.05 * np.random.randn(N, 1)

H = 40
slope = 0.1      # leaky ReLU 기울기
params = {
    'W1': np.random.randn(1, H),
    'b1': np.random.uniform(-2, 2, (1, H)),
    'W2': np.random.randn(H, 1) * np.sqrt(1.0 / H),
    'b2': np.zeros((1, 1)),
}
cache = {k: np.zeros_like(v) for k, v in params.items()}

lr = 0.003
rho = 0.9
eps = 1e-8


def forward(x):
    z1 = x @ params['W1'] + params['b1']
    a1 = np.where(z1 > 0, z1, slope * z1)
    out = a1 @ params['W2'] + params['b2']
    return z1, a1, out


for it in range(3001):
    z1, a1, out = forward(x)
    diff = out - y
    loss = np.mean(diff ** 2)

    # 역전파
    dout = 2 * diff / N
    grads = {}
    grads['W2'] = a1.T @ dout
    grads['b2'] = np.sum(dout, axis=0, keepdims=True)
    da1 = dout @ params['W2'].T
    dz1 = da1 * np.where(z1 > 0, 1.0, slope)
    grads['W1'] = x.T @ dz1
    grads['b1'] = np.sum(dz1, axis=0, keepdims=True)

    # RMSProp
    for k in params:
        cache[k] = rho * cache[k] + (1 - rho) * grads[k] ** 2
        params[k] = params[k] - lr * grads[k] / (np.sqrt(cache[k]) + eps)
    if it == 2000:
        lr = lr / 5      # 마지막에는 조금씩

    if it % 500 == 0:
        print('%d번째 손실: %.5f' % (it, loss))

x_test = np.array([[-2.5], [-1.0], [0.0], [1.0], [2.5]])
pred = forward(x_test)[2]
for i in range(len(x_test)):
    print('sin(%.1f) = %.3f, 예측 %.3f' % (x_test[i, 0], np.sin(x_test[i, 0]), pred[i, 0]))
