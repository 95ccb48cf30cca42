# A step by step example: 2 inputs, 2 hidden neurons, 2 outputs, one training pair.
# No libraries except math.
import math

i1, i2 = 0.05, 0.10
target1, target2 = 0.01, 0.99

w1, w2, w3, w4 = 0.15, 0.20, 0.25, 0.30      # input -> hidden
w5, w6, w7, w8 = 0.40, 0.45, 0.50, 0.55      # hidden -> output
b1, b2 = 0.35, 0.60                          # one bias per layer

lr = 0.5


def sig(x):
    return 1 / (1 + math.exp(-x))


for step in range(1, 5001):
    # ---- forward pass ----
    net_h1 = w1 * i1 + w2 * i2 + b1
    net_h2 = w3 * i1 + w4 * i2 + b1
    out_h1 = sig(net_h1)
    out_h2 = sig(net_h2)

    net_o1 = w5 * out_h1 + w6 * out_h2 + b2
    net_o2 = w7 * out_h1 + w8 * out_h2 + b2
    out_o1 = sig(net_o1)
    out_o2 = sig(net_o2)

    E = 0.5 * (target1 - out_o1) ** 2 + 0.5 * (target2 - out_o2) ** 2

    # ---- backward pass, output layer ----
    d_o1 = -(target1 - out_o1) * out_o1 * (1 - out_o1)
    d_o2 = -(target2 - out_o2) * out_o2 * (1 - out_o2)

    g5 = d_o1 * out_h1
    g6 = d_o1 * out_h2
    g7 = d_o2 * out_h1
    g8 = d_o2 * out_h2
    gb2 = d_o1 + d_o2

    # ---- hidden layer ----
    d_h1 = (d_o1 * w5 + d_o2 * w7) * out_h1 * (1 - out_h1)
    d_h2 = (d_o1 * w6 + d_o2 * w8) * out_h2 * (1 - out_h2)

    g1 = d_h1 * i1
    g2 = d_h1 * i2
    g3 = d_h2 * i1
    g4 = d_h2 * i2
    gb1 = d_h1 + d_h2

    # ---- update everything at the end ----
    w1 -= lr * g1
    w2 -= lr * g2
    w3 -= lr * g3
    w4 -= lr * g4
    w5 -= lr * g5
    w6 -= lr * g6
    w7 -= lr * g7
    w8 -= lr * g8
    b1 -= lr * gb1
    b2 -= lr * gb2

    if step == 1 or step % 1000 == 0:
        print("step %5d   E = %.9f   o1 = %.6f   o2 = %.6f" % (step, E, out_o1, out_o2))

print("w1..w4:", round(w1, 5), round(w2, 5), round(w3, 5), round(w4, 5))
print("w5..w8:", round(w5, 5), round(w6, 5), round(w7, 5), round(w8, 5))
