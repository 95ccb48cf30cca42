# autograd-like functions in NumPy: every operation has a forward and a backward,
# and a context object in which the forward leaves what the backward needs
import numpy as np


class Context:
    def __init__(self):
        self.saved = ()

    def save_for_backward(self, *arrays):
        self.saved = arrays


class Function:
    @classmethod
    def apply(cls, tape, *args):
        ctx = Context()
        out = cls.forward(ctx, *args)
        tape.append((cls, ctx))
        return out


class Linear(Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        # weight is (out_features, in_features)
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved
        grad_x = grad_output @ weight
        grad_weight = grad_output.T @ x
        grad_bias = grad_output.sum(0)
        return grad_x, grad_weight, grad_bias


class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return np.where(x > 0, x, 0.0)

    @staticmethod
    def backward(ctx, grad_output):
        x, = ctx.saved
        grad = grad_output.copy()
        grad[x <= 0] = 0
        return (grad,)


class Sigmoid(Function):
    @staticmethod
    def forward(ctx, x):
        y = 1 / (1 + np.exp(-x))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        y, = ctx.saved
        return (grad_output * y * (1 - y),)


class MSE(Function):
    @staticmethod
    def forward(ctx, pred, target):
        ctx.save_for_backward(pred, target)
        return ((pred - target) ** 2).mean()

    @staticmethod
    def backward(ctx, grad_output):
        pred, target = ctx.saved
        return (grad_output * 2 * (pred - target) / pred.size,)


def train_step(params, x, t, lr):
    tape = []
    h = Linear.apply(tape, x, params['w1'], params['b1'])
    h = ReLU.apply(tape, h)
    h = Linear.apply(tape, h, params['w2'], params['b2'])
    p = Sigmoid.apply(tape, h)
    loss = MSE.apply(tape, p, t)

    # walk the tape backwards
    grads = {}
    grad = 1.0
    layer = 2
    for fn, ctx in reversed(tape):
        result = fn.backward(ctx, grad)
        grad = result[0]
        if fn is Linear:
            grads['w%d' % layer], grads['b%d' % layer] = result[1], result[2]
            layer -= 1
    for name in params:
        params[name] -= lr * grads[name]
    return loss, grads


if __name__ == '__main__':
    rng = np.random.default_rng(12)
    x = rng.uniform(-1, 1, (60, 4))
    t = np.stack([x[:, 0] * x[:, 1] > 0, x.sum(1) > 0], axis=1).astype(float)
    params = {
        'w1': rng.normal(0, 0.7, (4, 4)), 'b1': np.full(4, 0.1),
        'w2': rng.normal(0, 0.7, (2, 4)), 'b2': np.zeros(2),
    }
    for i in range(401):
        loss, _ = train_step(params, x, t, 0.5)
        if i % 100 == 0:
            print('step', i, 'loss', round(float(loss), 6))
