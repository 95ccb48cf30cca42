# Neural network from scratch, network = list of layers, layer = list of neurons,
# neuron = dict with 'weights' (the last one is the bias), 'output' and 'delta'
from math import exp
from random import seed, uniform


def make_network(n_in, n_hidden, n_out):
    hidden = [{'weights': [uniform(-0.7, 0.7) for _ in range(n_in + 1)]} for _ in range(n_hidden)]
    output = [{'weights': [uniform(-0.7, 0.7) for _ in range(n_hidden + 1)]} for _ in range(n_out)]
    return [hidden, output]


def weighted_sum(weights, values):
    total = weights[-1]
    for i in range(len(weights) - 1):
        total += weights[i] * values[i]
    return total


def transfer(z):
    return 1.0 / (1.0 + exp(-z))


def transfer_slope(output):
    return output * (1.0 - output)


def forward_propagate(network, row):
    values = row
    for layer in network:
        outs = []
        for neuron in layer:
            neuron['output'] = transfer(weighted_sum(neuron['weights'], values))
            outs.append(neuron['output'])
        values = outs
    return values


def backpropagate(network, expected):
    for l in reversed(range(len(network))):
        layer = network[l]
        errors = []
        if l == len(network) - 1:
            for j, neuron in enumerate(layer):
                errors.append(neuron['output'] - expected[j])
        else:
            for j in range(len(layer)):
                err = 0.0
                for nxt in network[l + 1]:
                    err += nxt['weights'][j] * nxt['delta']
                errors.append(err)
        for j, neuron in enumerate(layer):
            neuron['delta'] = errors[j] * transfer_slope(neuron['output'])


def update_weights(network, row, l_rate):
    for l, layer in enumerate(network):
        if l == 0:
            inputs = row[:-1]
        else:
            inputs = [neuron['output'] for neuron in network[l - 1]]
        for neuron in layer:
            for i in range(len(inputs)):
                neuron['weights'][i] -= l_rate * neuron['delta'] * inputs[i]


def train(network, rows, l_rate, n_epoch, n_out):
    for epoch in range(n_epoch):
        sum_error = 0.0
        for row in rows:
            outs = forward_propagate(network, row[:-1])
            expected = [0] * n_out
            expected[row[-1]] = 1
            sum_error += sum(0.5 * (outs[k] - expected[k]) ** 2 for k in range(n_out))
            backpropagate(network, expected)
            update_weights(network, row, l_rate)
        if epoch % 20 == 0:
            print('>epoch=%d, lrate=%.2f, error=%.4f' % (epoch, l_rate, sum_error))


def predict(network, row):
    outs = forward_propagate(network, row)
    return outs.index(max(outs))


if __name__ == '__main__':
    seed(3)
    # two measurements and a class label
    dataset = [[1.2, 2.1, 0], [0.7, 1.9, 0], [1.6, 2.8, 0], [0.3, 2.4, 0], [1.1, 3.0, 0],
               [3.4, 0.6, 1], [2.9, 1.3, 1], [4.1, 0.2, 1], [3.7, 1.1, 1], [2.6, 0.4, 1]]
    network = make_network(2, 3, 2)
    train(network, dataset, 0.4, 101, 2)
    for layer in network:
        print([[round(w, 4) for w in neuron['weights']] for neuron in layer])
    for row in dataset:
        print('expected=%d, got=%d' % (row[-1], predict(network, row[:-1])))
