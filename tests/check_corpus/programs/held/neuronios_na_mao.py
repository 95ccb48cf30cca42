# Rede 2-2-1 com todas as derivadas escritas na mão, peso por peso
# (do tutorial de redes neurais para iniciantes; dados: peso e altura, gênero)
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def deriv_sigmoid(x):
    fx = sigmoid(x)
    return fx * (1 - fx)


def mse_loss(y_true, y_pred):
    return ((y_true - y_pred) ** 2).mean()


class OurNeuralNetwork:
    def __init__(self):
        # pesos
        self.w1, self.w2, self.w3 = np.random.normal(size=3)
        self.w4, self.w5, self.w6 = np.random.normal(size=3)
        # vieses
        self.b1, self.b2, self.b3 = np.random.normal(size=3)

    def feedforward(self, x):
        h1 = sigmoid(self.w1 * x[0] + self.w2 * x[1] + self.b1)
        h2 = sigmoid(self.w3 * x[0] + self.w4 * x[1] + self.b2)
        return sigmoid(self.w5 * h1 + self.w6 * h2 + self.b3)

    def train(self, data, y_trues):
        learn_rate = 0.5
        epochs = 200
        for epoch in range(epochs):
            for x, y_true in zip(data, y_trues):
                sum_h1 = self.w1 * x[0] + self.w2 * x[1] + self.b1
                h1 = sigmoid(sum_h1)
                sum_h2 = self.w3 * x[0] + self.w4 * x[1] + self.b2
                h2 = sigmoid(sum_h2)
                sum_o1 = self.w5 * h1 + self.w6 * h2 + self.b3
                y_pred = sigmoid(sum_o1)

                # derivadas parciais, d_L_d_w1 = "dL sobre dw1"
                d_L_d_ypred = -2 * (y_true - y_pred)

                # neurônio o1
                d_ypred_d_w5 = h1 * deriv_sigmoid(sum_o1)
                d_ypred_d_w6 = h2 * deriv_sigmoid(sum_o1)
                d_ypred_d_b3 = deriv_sigmoid(sum_o1)
                d_ypred_d_h1 = self.w5 * deriv_sigmoid(sum_o1)
                d_ypred_d_h2 = self.w6 * deriv_sigmoid(sum_o1)

                # neurônio h1
                d_h1_d_w1 = x[0] * deriv_sigmoid(sum_h1)
                d_h1_d_w2 = x[1] * deriv_sigmoid(sum_h1)
                d_h1_d_b1 = deriv_sigmoid(sum_h1)

                # neurônio h2
                d_h2_d_w3 = x[0] * deriv_sigmoid(sum_h2)
                d_h2_d_w4 = x[1] * deriv_sigmoid(sum_h2)
                d_h2_d_b2 = deriv_sigmoid(sum_h2)

                # atualização
                self.w1 -= learn_rate * d_L_d_ypred * d_ypred_d_h1 * d_h1_d_w1
                self.w2 -= learn_rate * d_L_d_ypred * d_ypred_d_h1 * d_h1_d_w2
                self.b1 -= learn_rate * d_L_d_ypred * d_ypred_d_h1 * d_h1_d_b1

                self.w3 -= learn_rate * d_L_d_ypred * d_ypred_d_h2 * d_h2_d_w3
                self.w4 -= learn_rate * d_L_d_ypred * d_ypred_d_h2 * d_h2_d_w4
                self.b2 -= learn_rate * d_L_d_ypred * d_ypred_d_h2 * d_h2_d_b2

                self.w5 -= learn_rate * d_L_d_ypred * d_ypred_d_w5
                self.w6 -= learn_rate * d_L_d_ypred * d_ypred_d_w6
                self.b3 -= learn_rate * d_L_d_ypred * d_ypred_d_b3

            if epoch % 20 == 0:
                y_preds = np.apply_along_axis(self.feedforward, 1, data)
                print("Época %d perda: %.5f" % (epoch, mse_loss(y_trues, y_preds)))


np.random.seed(8)
n = 60
genero = np.random.randint(0, 2, n)                   # 1 = feminino
peso = np.where(genero == 1, 62, 78) + 6 * np.random.randn(n)
altura = np.where(genero == 1, 163, 176) + 6 * np.random.randn(n)
data = np.column_stack([(peso - peso.mean()) / 10, (altura - altura.mean()) / 10])

network = OurNeuralNetwork()
network.train(data, genero)

acertos = sum(round(float(network.feedforward(d))) == g for d, g in zip(data, genero))
print("acertos: %d de %d" % (acertos, n))
