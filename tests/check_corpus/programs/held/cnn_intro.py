# CNN from scratch, inspired by the "Intro to CNNs" blog series (conv3x3 -> relu -> maxpool2 -> softmax)
# no MNIST, tiny 8x8 pictures of crosses / squares / lines instead so that it runs fast
import numpy as np

np.random.seed(4)


class Conv3x3:
    def __init__(self, num_filters):
        self.num_filters = num_filters
        self.filters = np.random.randn(num_filters, 3, 3) / 3
        self.bias = np.zeros(num_filters)

    def iterate_regions(self, image):
        h, w = image.shape
        for i in range(h - 2):
            for j in range(w - 2):
                yield image[i:i + 3, j:j + 3], i, j

    def forward(self, image):
        self.last_input = image
        h, w = image.shape
        z = np.zeros((h - 2, w - 2, self.num_filters))
        for region, i, j in self.iterate_regions(image):
            z[i, j] = np.sum(region * self.filters, axis=(1, 2)) + self.bias
        self.last_z = z
        return np.maximum(z, 0)

    def backprop(self, d_out, lr):
        d_z = d_out * (self.last_z > 0)
        d_filters = np.zeros(self.filters.shape)
        for region, i, j in self.iterate_regions(self.last_input):
            d_filters += d_z[i, j][:, None, None] * region
        self.filters -= lr * d_filters
        self.bias -= lr * d_z.sum(axis=(0, 1))


class MaxPool2:
    def forward(self, x):
        self.last_input = x
        h, w, f = x.shape
        self.blocks = x.reshape(h // 2, 2, w // 2, 2, f)
        self.out = self.blocks.max(axis=(1, 3))
        return self.out

    def backprop(self, d_out):
        h, w, f = self.last_input.shape
        d_input = np.zeros((h, w, f))
        for i in range(h // 2):
            for j in range(w // 2):
                for k in range(f):
                    block = self.last_input[2 * i:2 * i + 2, 2 * j:2 * j + 2, k]
                    a, b = np.unravel_index(np.argmax(block), (2, 2))
                    d_input[2 * i + a, 2 * j + b, k] = d_out[i, j, k]
        return d_input


class Softmax:
    def __init__(self, input_len, nodes):
        self.weights = np.random.randn(input_len, nodes) / input_len
        self.biases = np.zeros(nodes)

    def forward(self, x):
        self.last_shape = x.shape
        self.last_input = x.flatten()
        totals = np.dot(self.last_input, self.weights) + self.biases
        e = np.exp(totals - np.max(totals))
        self.probs = e / np.sum(e)
        return self.probs

    def backprop(self, label, lr):
        d_t = self.probs.copy()
        d_t[label] -= 1
        d_w = np.outer(self.last_input, d_t)
        d_inputs = self.weights @ d_t
        self.weights -= lr * d_w
        self.biases -= lr * d_t
        return d_inputs.reshape(self.last_shape)


def picture(kind):
    im = 0.15 * np.random.randn(8, 8)
    r, c = np.random.randint(1, 4), np.random.randint(1, 4)
    if kind == 0:                       # cross
        im[r + 1, c:c + 4] += 1
        im[r:r + 4, c + 1] += 1
    elif kind == 1:                     # square
        im[r:r + 4, [c, c + 3]] += 1
        im[[r, r + 3], c + 1:c + 3] += 1
    else:                               # diagonal line
        for k in range(4):
            im[r + k, c + k] += 1
    return im


labels = np.random.randint(0, 3, 200)
images = np.array([picture(k) for k in labels])
train_images, train_labels = images[:150], labels[:150]
test_images, test_labels = images[150:], labels[150:]

conv = Conv3x3(4)
pool = MaxPool2()
softmax = Softmax(3 * 3 * 4, 3)


def forward(image):
    return softmax.forward(pool.forward(conv.forward(image)))


def train(im, label, lr=0.05):
    out = forward(im)
    loss = -np.log(out[label])
    gradient = softmax.backprop(label, lr)
    gradient = pool.backprop(gradient)
    conv.backprop(gradient, lr)
    return loss, int(np.argmax(out) == label)


for epoch in range(6):
    perm = np.random.permutation(len(train_images))
    loss, correct = 0, 0
    for im, label in zip(train_images[perm], train_labels[perm]):
        l, acc = train(im, label)
        loss += l
        correct += acc
    print('--- epoch %d: average loss %.3f | accuracy: %d%%'
          % (epoch + 1, loss / len(train_images), 100 * correct / len(train_images)))

hits = sum(int(np.argmax(forward(im)) == lab) for im, lab in zip(test_images, test_labels))
print('test accuracy:', hits / len(test_images))
