# 《神经网络与深度学习》 实验四:前馈神经网络算子
# 学号末位 6 ;每个算子都有 forward / backward,参数放在 params,梯度放在 grads
import numpy as np


class Op(object):
    def __init__(self):
        self.params = {}
        self.grads = {}

    def __call__(self, inputs):
        return self.forward(inputs)

    def forward(self, inputs):
        raise NotImplementedError

    def backward(self, outputs_grads):
        raise NotImplementedError


class Linear(Op):
    """线性层 z = xW + b"""

    def __init__(self, input_size, output_size, name, std=0.3):
        super().__init__()
        self.name = name
        self.params['W'] = np.random.normal(0., std, (input_size, output_size))
        self.params['b'] = np.zeros((1, output_size))

    def forward(self, inputs):
        self.inputs = inputs
        return np.matmul(inputs, self.params['W']) + self.params['b']

    def backward(self, grads):
        # 平均已经在损失函数里做了,这里只求和
        self.grads['W'] = np.matmul(self.inputs.T, grads)
        self.grads['b'] = np.sum(grads, axis=0, keepdims=True)
        return np.matmul(grads, self.params['W'].T)


class LeakyReLU(Op):
    def __init__(self, slope=0.01):
        super().__init__()
        self.slope = slope

    def forward(self, inputs):
        self.inputs = inputs
        return np.where(inputs > 0, inputs, self.slope * inputs)

    def backward(self, grads):
        return grads * np.where(self.inputs > 0, 1.0, self.slope)


def softmax(X):
    """按行归一化,X 形状 [N, C]"""
    x_max = np.max(X, axis=1, keepdims=True)
    x_exp = np.exp(X - x_max)
    partition = np.sum(x_exp, axis=0, keepdims=True)
    return x_exp / partition


class MultiCrossEntropyLoss(Op):
    """输入为打分(logits)和整数标签,损失取平均"""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def __call__(self, logits, labels):
        return self.forward(logits, labels)

    def forward(self, logits, labels):
        self.labels = labels
        self.num = logits.shape[0]
        self.probs = softmax(logits)
        picked = self.probs[np.arange(self.num), labels]
        return float(np.mean(-np.log(np.clip(picked, 1e-12, 1.0))))

    def backward(self):
        g = self.probs.copy()
        g[np.arange(self.num), self.labels] -= 1
        self.model.backward(g / self.num)


class Model_MLP(Op):
    """任意层数的前馈网络,最后一层不加激活"""

    def __init__(self, sizes):
        super().__init__()
        self.layers = []
        for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
            self.layers.append(Linear(a, b, 'fc%d' % (i + 1), std=np.sqrt(2. / a)))
            if i < len(sizes) - 2:
                self.layers.append(LeakyReLU())

    def forward(self, X):
        for layer in self.layers:
            X = layer(X)
        return X

    def backward(self, grads):
        for layer in reversed(self.layers):
            grads = layer.backward(grads)
        return grads


class BatchGD(object):
    """梯度下降,weight_decay 对应损失项 weight_decay/2*||W||^2,偏置不衰减"""

    def __init__(self, init_lr, model, weight_decay=0.):
        self.init_lr = init_lr
        self.model = model
        self.weight_decay = weight_decay

    def step(self):
        for layer in self.model.layers:
            for key in layer.params:
                g = layer.grads[key]
                if key == 'W':
                    g = g + self.weight_decay * layer.params[key]
                layer.params[key] = layer.params[key] - self.init_lr * g
