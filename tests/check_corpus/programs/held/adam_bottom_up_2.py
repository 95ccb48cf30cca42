# 밑바닥부터 공부하는 중... 3층 신경망 + Adam
# 과제: 데이터셋 없이 가상 데이터(XOR 모양 4구역 + 잡음)를 3클래스로 분류
import numpy as np

rng = np.random.RandomState(5)


def softmax(x):
    x = x - np.max(x, axis=1, keepdims=True)
    e = np.exp(x)
    return e / np.sum(e, axis=1, keepdims=True)


def cross_entropy_error(y, t):
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


class ThreeLayerNet:
    def __init__(self, input_size, hidden_size, output_size):
        self.params = {
            'W1': np.sqrt(2.0 / input_size) * rng.randn(input_size, hidden_size),
            'b1': np.zeros(hidden_size),
            'W2': np.sqrt(2.0 / hidden_size) * rng.randn(hidden_size, hidden_size),
            'b2': np.zeros(hidden_size),
            'W3': np.sqrt(1.0 / hidden_size) * rng.randn(hidden_size, output_size),
            'b3': np.zeros(output_size),
        }

    def predict(self, x):
        p = self.params
        self.x = x
        self.a1 = np.dot(x, p['W1']) + p['b1']
        self.h1 = np.maximum(0, self.a1)
        self.a2 = np.dot(self.h1, p['W2']) + p['b2']
        self.h2 = np.maximum(0, self.a2)
        return softmax(np.dot(self.h2, p['W3']) + p['b3'])

    def gradient(self, x, t):
        p = self.params
        y = self.predict(x)
        n = x.shape[0]

        dout = y.copy()
        dout[np.arange(n), t] -= 1
        dout = dout / n
        dW3 = np.dot(self.h2.T, dout)
        db3 = np.sum(dout, axis=0)

        da2 = np.dot(dout, p['W3'].T) * (self.a2 > 0)
        dW2 = np.dot(self.h1.T, da2)
        db2 = np.sum(da2, axis=0)

        da1 = np.dot(da2, p['W2'].T) * (self.a1 > 0)
        dW1 = np.dot(self.x.T, da1)
        db1 = np.sum(da1, axis=0)
        return dW1, db1, dW2, db2, dW3, db3


class Adam:
    def __init__(self, lr=0.01, beta1=0.9, beta2=0.999):
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.iter = 0
        self.m = None
        self.v = None

    def update(self, params, grads):
        if self.m is None:
            self.m = {k: np.zeros_like(v) for k, v in params.items()}
            self.v = {k: np.zeros_like(v) for k, v in params.items()}
        self.iter += 1
        for key in params:
            self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * grads[key]
            self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * grads[key] ** 2
            m_hat = self.m[key] / (1 - self.beta1 ** self.iter)
            v_hat = self.v[key] / (1 - self.beta2 ** self.iter)
            params[key] -= self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)


# 데이터 만들기
x_all = rng.uniform(-1, 1, (500, 2))
t_all = np.where(x_all[:, 0] * x_all[:, 1] > 0.05, 1, 0)
t_all[np.sum(x_all ** 2, axis=1) < 0.2] = 2
x_all = x_all + 0.02 * rng.randn(500, 2)
x_train, t_train, x_test, t_test = x_all[:400], t_all[:400], x_all[400:], t_all[400:]

net = ThreeLayerNet(2, 20, 3)
optimizer = Adam(lr=0.005)
batch_size = 50

for i in range(1201):
    batch_mask = rng.choice(400, batch_size)
    x_batch, t_batch = x_train[batch_mask], t_train[batch_mask]

    dW1, db2, dW2, db1, dW3, db3 = net.gradient(x_batch, t_batch)
    grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2, 'W3': dW3, 'b3': db3}
    optimizer.update(net.params, grads)

    if i % 200 == 0:
        y = net.predict(x_train)
        acc = np.mean(np.argmax(y, axis=1) == t_train)
        acc_t = np.mean(np.argmax(net.predict(x_test), axis=1) == t_test)
        print("반복 %4d | 손실 %.4f | 훈련 %.3f | 시험 %.3f"
              % (i, cross_entropy_error(y, t_train), acc, acc_t))
