# Port of my Java NeuralNetwork class (AP CS project) to Python.
# No numpy: arrays of arrays, like in the original.
import math
import random


class NeuralNetwork:
    def __init__(self, numInputs, numHidden, numOutputs, learningRate):
        self.numInputs = numInputs
        self.numHidden = numHidden
        self.numOutputs = numOutputs
        self.learningRate = learningRate
        # last entry of every row is the bias weight
        self.hiddenWeights = [[random.gauss(0, 0.7) for i in range(numInputs + 1)]
                              for h in range(numHidden)]
        self.outputWeights = [[random.gauss(0, 0.7) for h in range(numHidden + 1)]
                              for o in range(numOutputs)]

    @staticmethod
    def sigmoid(x):
        return 1.0 / (1.0 + math.exp(-x))

    def feedForward(self, inputs):
        self.inputs = list(inputs)
        self.hidden = []
        for h in range(self.numHidden):
            total = self.hiddenWeights[h][self.numInputs]
            for i in range(self.numInputs):
                total += self.hiddenWeights[h][i] * self.inputs[i]
            self.hidden.append(self.sigmoid(total))
        self.outputs = []
        for o in range(self.numOutputs):
            total = self.outputWeights[o][self.numHidden]
            for h in range(self.numHidden):
                total += self.outputWeights[o][h] * self.hidden[h]
            self.outputs.append(self.sigmoid(total))
        return self.outputs

    def backPropagate(self, targets):
        outputDeltas = []
        for o in range(self.numOutputs):
            out = self.outputs[o]
            outputDeltas.append((targets[o] - out) * out * (1.0 - out))

        hiddenDeltas = []
        for h in range(self.numHidden):
            error = 0.0
            for o in range(self.numOutputs):
                error += outputDeltas[o] * self.outputWeights[o][h]
            hid = self.hidden[h]
            hiddenDeltas.append(error * hid * (1.0 - hid))

        for o in range(self.numOutputs):
            for h in range(self.numHidden):
                self.outputWeights[o][h] += self.learningRate * outputDeltas[o] * self.hidden[h]
            self.outputWeights[o][self.numHidden] += self.learningRate * outputDeltas[o]

        for h in range(self.numHidden):
            for i in range(self.numInputs):
                self.hiddenWeights[h][i] += self.learningRate * hiddenDeltas[h] * self.inputs[i]
            self.hiddenWeights[h][self.numInputs] += self.learningRate * hiddenDeltas[h]

        return 0.5 * sum((t - o) ** 2 for t, o in zip(targets, self.outputs))


def main():
    random.seed(5)
    # 4 bits in -> two outputs: majority?, odd parity of the first two?
    data = []
    for n in range(16):
        bits = [(n >> k) & 1 for k in range(4)]
        data.append((bits, [1 if sum(bits) >= 2 else 0, bits[0] ^ bits[1]]))

    net = NeuralNetwork(4, 4, 2, 0.6)
    for epoch in range(1500):
        random.shuffle(data)
        error = 0.0
        for bits, target in data:
            net.feedForward(bits)
            error += net.backPropagate(target)
        if epoch % 250 == 0:
            print("Epoch " + str(epoch) + ": error = " + str(error))
    print("Final error = " + str(error))

    correct = 0
    for bits, target in data:
        result = [round(o) for o in net.feedForward(bits)]
        if result == target:
            correct += 1
    print(str(correct) + "/16 correct")


main()
