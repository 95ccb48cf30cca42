# following along with the "NNFS" videos (p.9 and the book for the backward part)
# everything in one file, spiral data copied from cs231n
import numpy as np

np.random.seed(0)


def spiral_data(points, classes):
    X = np.zeros((points * classes, 2))
    y = np.zeros(points * classes, dtype='uint8')
    for c in range(classes):
        ix = range(points * c, points * (c + 1))
        r = np.linspace(0.0, 1, points)
        t = np.linspace(c * 4, (c + 1) * 4, points) + np.random.randn(points) * 0.2
        X[ix] = np.c_[r * np.sin(t * 1.0), r * np.cos(t * 1.0)]
        y[ix] = c
    return X, y


class Layer_Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.1 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class Activation_ReLU:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)

    def backward(self, dvalues):
        self.dinputs = dvalues.copy()
        self.dinputs[self.inputs <= 0] = 0


class Activation_Softmax:
    def forward(self, inputs):
        exp_values = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = exp_values / np.sum(exp_values, axis=1, keepdims=True)

    def backward(self, dvalues):
        self.dinputs = np.empty_like(dvalues)
        for i, (out, dv) in enumerate(zip(self.output, dvalues)):
            out = out.reshape(-1, 1)
            jacobian = np.diagflat(out) - np.dot(out, out.T)
            self.dinputs[i] = np.dot(jacobian, dv)


class Loss_CategoricalCrossentropy:
    def forward(self, y_pred, y_true):
        self.clipped = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return np.mean(-np.log(self.clipped[range(len(y_pred)), y_true]))

    def backward(self, y_true):
        samples = len(y_true)
        onehot = np.eye(self.clipped.shape[1])[y_true]
        self.dinputs = -onehot / self.clipped / samples


class Optimizer_SGD:
    def __init__(self, lr=1.0, decay=0., momentum=0.):
        self.lr, self.decay, self.momentum = lr, decay, momentum
        self.iterations = 0

    def update_params(self, layer):
        if not hasattr(layer, 'weight_momentums'):
            layer.weight_momentums = np.zeros_like(layer.weights)
            layer.bias_momentums = np.zeros_like(layer.biases)
        lr = self.lr / (1. + self.decay * self.iterations)
        layer.weight_momentums = -self.momentum * layer.weight_momentums - lr * layer.dweights
        layer.bias_momentums = -self.momentum * layer.bias_momentums - lr * layer.dbiases
        layer.weights += layer.weight_momentums
        layer.biases += layer.bias_momentums


X, y = spiral_data(60, 3)
dense1 = Layer_Dense(2, 32)
activation1 = Activation_ReLU()
dense2 = Layer_Dense(32, 3)
activation2 = Activation_Softmax()
loss_function = Loss_CategoricalCrossentropy()
optimizer = Optimizer_SGD(lr=0.5, decay=1e-3, momentum=0.9)

for epoch in range(801):
    dense1.forward(X)
    activation1.forward(dense1.output)
    dense2.forward(activation1.output)
    activation2.forward(dense2.output)
    loss = loss_function.forward(activation2.output, y)

    if not epoch % 100:
        acc = np.mean(np.argmax(activation2.output, axis=1) == y)
        print(f'epoch: {epoch}, acc: {acc:.3f}, loss: {loss:.3f}')

    loss_function.backward(y)
    activation2.backward(loss_function.dinputs)
    dense2.backward(activation2.dinputs)
    activation1.backward(dense2.dinputs)
    dense1.backward(activation1.dinputs)

    optimizer.update_params(dense1)
    optimizer.update_params(dense2)
    optimizer.iterations += 1
