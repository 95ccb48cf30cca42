# Rosenblatt's perceptron in pure python
# labels are -1 / +1, weights change only if the prediction is wrong
import random

random.seed(0)


def make_points(n):
    """points left and right of the line 2x - y + 0.4 = 0, with a gap"""
    points, labels = [], []
    while len(points) < n:
        x = random.uniform(-1, 1)
        y = random.uniform(-1, 1)
        side = 2 * x - y + 0.4
        if abs(side) < 0.15:
            continue
        points.append((x, y))
        labels.append(1 if side > 0 else -1)
    return points, labels


def predict(weights, bias, point):
    activation = bias
    for w, v in zip(weights, point):
        activation += w * v
    if activation > 0:
        return 1
    return -1


def train(points, labels, lr=0.1, max_epochs=50):
    weights = [0.0, 0.0]
    bias = 0.0
    order = list(range(len(points)))
    for epoch in range(max_epochs):
        random.shuffle(points)
        mistakes = 0
        for k in order:
            point, label = points[k], labels[k]
            if predict(weights, bias, point) != label:
                # move the line towards the misclassified point
                for i in range(len(weights)):
                    weights[i] += lr * label * point[i]
                bias += lr * label
                mistakes += 1
        print("epoch", epoch, "mistakes:", mistakes)
        if mistakes == 0:
            break
    return weights, bias


points, labels = make_points(80)
weights, bias = train(points, labels)
right = 0
for point, label in zip(points, labels):
    if predict(weights, bias, point) == label:
        right += 1
print("accuracy: %d / %d" % (right, len(points)))
print("weights", weights, "bias", bias)
