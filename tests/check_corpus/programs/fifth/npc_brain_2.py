# npc_brain.py - tiny neural net for enemy AI, no dependencies (runs inside the game scripts)
# inputs: own health, distance to player, player health (all 0..1)
# outputs: [attack, flee]
import math
import random


class Neuron:
    def __init__(self, numInputs):
        self.weights = [random.uniform(-1, 1) for _ in range(numInputs)]
        self.bias = random.uniform(-1, 1)
        self.output = 0.0
        self.delta = 0.0

    def fire(self, inputs):
        total = self.bias
        for w, x in zip(self.weights, inputs):
            total += w * x
        self.output = 1.0 / (1.0 + math.exp(-total))
        return self.output


class Brain:
    def __init__(self, layout, learnRate=0.5):
        self.learnRate = learnRate
        self.layers = []
        for i in range(1, len(layout)):
            self.layers.append([Neuron(layout[i - 1]) for _ in range(layout[i])])

    def think(self, inputs):
        signal = inputs
        for layer in self.layers:
            signal = [n.fire(signal) for n in layer]
        return signal

    def updateLayer(self, layerIndex, inputs):
        if layerIndex > 0:
            inputs = [n.output for n in self.layers[layerIndex - 1]]
        for n in self.layers[layerIndex]:
            for k in range(len(n.weights)):
                n.weights[k] -= self.learnRate * n.delta * inputs[k]
            n.bias -= self.learnRate * n.delta

    def learn(self, inputs, target):
        """one step of online backprop, returns the error E = 1/2 sum (out - target)^2"""
        out = self.think(inputs)
        error = 0.0
        # output layer
        for n, o, t in zip(self.layers[-1], out, target):
            n.delta = (o - t) * o * (1 - o)
            error += 0.5 * (o - t) ** 2
        self.updateLayer(len(self.layers) - 1, inputs)
        # hidden layers, from back to front
        for li in range(len(self.layers) - 2, -1, -1):
            nextLayer = self.layers[li + 1]
            for i, n in enumerate(self.layers[li]):
                back = sum(m.weights[i] * m.delta for m in nextLayer)
                n.delta = back * n.output * (1 - n.output)
            self.updateLayer(li, inputs)
        return error


def designerRule(health, dist, enemyHealth):
    # what the level designer wants: attack if close and stronger, run if weak and close
    attack = dist < 0.5 and health > enemyHealth
    flee = dist < 0.6 and health < 0.35
    return [1.0 if attack else 0.0, 1.0 if flee else 0.0]


def makeSituations(count):
    result = []
    for _ in range(count):
        s = [random.random(), random.random(), random.random()]
        result.append((s, designerRule(*s)))
    return result


def score(brain, situations):
    ok = 0
    for s, t in situations:
        out = brain.think(s)
        if all((o > 0.5) == (v > 0.5) for o, v in zip(out, t)):
            ok += 1
    return ok / len(situations)


random.seed(1337)
training = makeSituations(250)
arena = makeSituations(300)
brain = Brain([3, 8, 2])
for gen in range(151):
    random.shuffle(training)
    err = sum(brain.learn(s, t) for s, t in training)
    if gen % 30 == 0:
        print("gen", gen, "avg error %.4f" % (err / len(training)), "arena %.2f" % score(brain, arena))
