# A step by step backpropagation example, 2-2-2 network
# all the weights are plain variables so that you can follow with pen and paper
import math

# inputs and targets
i1, i2 = 0.05, 0.10
target_o1, target_o2 = 0.01, 0.99

# initial weights
w1, w2, w3, w4 = 0.15, 0.20, 0.25, 0.30
w5, w6, w7, w8 = 0.40, 0.45, 0.50, 0.55
b1, b2 = 0.35, 0.60

eta = 0.5


def logistic(x):
    return 1 / (1 + math.exp(-x))


for step in range(1, 1001):
    # ---------- the forward pass ----------
    net_h1 = w1 * i1 + w2 * i2 + b1 * 1
    net_h2 = w3 * i1 + w4 * i2 + b1 * 1
    out_h1 = logistic(net_h1)
    out_h2 = logistic(net_h2)

    net_o1 = w5 * out_h1 + w6 * out_h2 + b2 * 1
    net_o2 = w7 * out_h1 + w8 * out_h2 + b2 * 1
    out_o1 = logistic(net_o1)
    out_o2 = logistic(net_o2)

    # total error
    E_o1 = 0.5 * (target_o1 - out_o1) ** 2
    E_o2 = 0.5 * (target_o2 - out_o2) ** 2
    E_total = E_o1 + E_o2

    # ---------- the backward pass: output layer ----------
    dE_dout_o1 = -(target_o1 - out_o1)
    dE_dout_o2 = -(target_o2 - out_o2)
    delta_o1 = dE_dout_o1 * out_o1 * (1 - out_o1)
    delta_o2 = dE_dout_o2 * out_o2 * (1 - out_o2)

    dw5 = delta_o1 * out_h1
    dw6 = delta_o1 * out_h2
    dw7 = delta_o2 * out_h1
    dw8 = delta_o2 * out_h2

    # ---------- hidden layer ----------
    # each hidden neuron contributes to both outputs
    dE_dout_h1 = delta_o1 * w5 + delta_o2 * w7
    dE_dout_h2 = delta_o1 * w6 + delta_o2 * w8
    delta_h1 = dE_dout_h1 * out_h1 * (1 - out_h1)
    delta_h2 = dE_dout_h2 * out_h2 * (1 - out_h2)

    dw1 = delta_h1 * i1
    dw2 = delta_h1 * i2
    dw3 = delta_h2 * i1
    dw4 = delta_h2 * i2

    # update everything at the end (we don't touch the biases)
    w1 = w1 - eta * dw1
    w2 = w2 - eta * dw2
    w3 = w3 - eta * dw3
    w4 = w4 - eta * dw4
    w5 = w5 - eta * dw5
    w6 = w6 - eta * dw6
    w7 = w7 - eta * dw7
    w8 = w8 - eta * dw8

    if step == 1 or step % 200 == 0:
        print("step %5d  error %.9f  o1 %.6f  o2 %.6f" % (step, E_total, out_o1, out_o2))

print("w1..w4:", w1, w2, w3, w4)
print("w5..w8:", w5, w6, w7, w8)
