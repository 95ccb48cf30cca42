# nongjang (farm) data: biryo (fertilizer) vs suhwak (harvest)
# y = a*x^2 + b*x + c reul gyeongsa-hagang-beop euro matchugi
import numpy as np

np.random.seed(21)
gaesu = 80
biryo = np.random.uniform(-1.5, 1.5, gaesu)
suhwak = -1.3 * biryo ** 2 + 0.8 * biryo + 5.0 + np.random.normal(0, 0.2, gaesu)
pyo = np.stack([biryo, suhwak], axis=1)      # pyo = table, excel cheoreom

x = pyo[:, 0]
y = pyo[:, 1]

a, b, c = 0.1, -0.1, 0.0
lamda = 0.01
haksup_ryul = 0.1

for bonbok in range(400):
    yecheuk = a * x ** 2 + b * x + c
    ocha = yecheuk - y
    sonsil = np.mean(ocha ** 2) + lamda * (a ** 2 + b ** 2)

    # giulgi (gradient)
    ga = 2 * np.mean(ocha * x ** 2) + lamda * a
    gb = 2 * np.mean(ocha * x) + lamda * b
    gc = 2 * np.mean(ocha)

    a -= haksup_ryul * ga
    b -= haksup_ryul * gb
    c -= haksup_ryul * gc

    if bonbok % 50 == 0:
        print("bonbok:", bonbok, " sonsil:", sonsil)

print("gyeolgwa: a=%.3f b=%.3f c=%.3f" % (a, b, c))
print("choego biryo (optimum):", -b / (2 * a))
