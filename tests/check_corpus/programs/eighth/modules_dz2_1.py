# -*- coding: utf-8 -*-
# Домашнее задание 2. Свой маленький фреймворк в стиле torch7
import numpy as np


class Module(object):
    def __init__(self):
        self.output = None
        self.gradInput = None
        self.training = True

    def forward(self, input):
        return self.updateOutput(input)

    def backward(self, input, gradOutput):
        self.updateGradInput(input, gradOutput)
        self.accGradParameters(input, gradOutput)
        return self.gradInput

    def accGradParameters(self, input, gradOutput):
        pass

    def zeroGradParameters(self):
        pass

    def getParameters(self):
        return []

    def getGradParameters(self):
        return []

    def train(self):
        self.training = True

    def evaluate(self):
        self.training = False


class Sequential(Module):
    def __init__(self, *modules):
        super(Sequential, self).__init__()
        self.modules = list(modules)

    def add(self, module):
        self.modules.append(module)

    def updateOutput(self, input):
        # запоминаем вход каждого слоя, чтобы использовать в backward
        self.inputs = []
        for m in self.modules:
            self.inputs.append(input)
            input = m.forward(input)
        self.output = input
        return self.output

    def backward(self, input, gradOutput):
        g = gradOutput
        for i in range(len(self.modules) - 1, -1, -1):
            g = self.modules[i].backward(self.inputs[i], g)
        self.gradInput = g
        return self.gradInput

    def zeroGradParameters(self):
        for m in self.modules:
            m.zeroGradParameters()

    def getParameters(self):
        return [p for m in self.modules for p in m.getParameters()]

    def getGradParameters(self):
        return [p for m in self.modules for p in m.getGradParameters()]

    def train(self):
        for m in self.modules:
            m.train()

    def evaluate(self):
        for m in self.modules:
            m.evaluate()


class Linear(Module):
    def __init__(self, n_in, n_out):
        super(Linear, self).__init__()
        stdv = 1. / np.sqrt(n_in)
        self.W = np.random.uniform(-stdv, stdv, size=(n_out, n_in))
        self.b = np.random.uniform(-stdv, stdv, size=n_out)
        self.gradW = np.zeros_like(self.W)
        self.gradb = np.zeros_like(self.b)

    def updateOutput(self, input):
        self.output = input.dot(self.W.T) + self.b
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput.dot(self.W)
        return self.gradInput

    def accGradParameters(self, input, gradOutput):
        # градиенты накапливаются до zeroGradParameters()
        self.gradW += gradOutput.T.dot(input)
        self.gradb += gradOutput.sum(axis=0)

    def zeroGradParameters(self):
        self.gradW.fill(0)

    def getParameters(self):
        return [self.W, self.b]

    def getGradParameters(self):
        return [self.gradW, self.gradb]


class ReLU(Module):
    def updateOutput(self, input):
        self.output = np.maximum(input, 0)
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = np.multiply(gradOutput, input > 0)
        return self.gradInput


class LogSoftMax(Module):
    def updateOutput(self, input):
        z = input - input.max(axis=1, keepdims=True)
        self.output = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return self.output

    def updateGradInput(self, input, gradOutput):
        p = np.exp(self.output)
        self.gradInput = gradOutput - p * gradOutput.sum(axis=1, keepdims=True)
        return self.gradInput


class Dropout(Module):
    def __init__(self, p=0.5):
        super(Dropout, self).__init__()
        self.p = p              # вероятность занулить
        self.mask = None

    def updateOutput(self, input):
        if self.training:
            self.mask = (np.random.rand(*input.shape) >= self.p) / (1. - self.p)
            self.output = input * self.mask
        else:
            self.output = input
        return self.output

    def updateGradInput(self, input, gradOutput):
        self.gradInput = gradOutput * self.mask if self.training else gradOutput
        return self.gradInput


class ClassNLLCriterion(object):
    """ input: логарифмы вероятностей, target: one-hot """

    def forward(self, input, target):
        self.output = -np.sum(input * target) / input.shape[0]
        return self.output

    def backward(self, input, target):
        self.gradInput = -target / float(input.shape[0])
        return self.gradInput


def sgd_momentum(x, dx, config, state):
    state.setdefault('old_grads', [np.zeros_like(g) for g in dx])
    for w, g, old in zip(x, dx, state['old_grads']):
        np.add(config['momentum'] * old, config['learning_rate'] * g, out=old)
        w -= old
