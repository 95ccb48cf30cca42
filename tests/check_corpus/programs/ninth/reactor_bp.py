C = """
C     BACKPROP FOR REACTOR TEMPERATURE (4 SENSORS -> 1), ON-LINE UPDATES
C     REWRITTEN FROM MY 1991 FORTRAN.  R. HALVORSEN, RETIRED.
C """
import numpy as np
from math import exp

NI = 4
NH = 6
NG = 6
NP = 100
ETA = 0.2

rs = np.random.RandomState(1991)
XIN = rs.uniform(-1.0, 1.0, (NP, NI))
TGT = np.zeros(NP)
for ip in range(NP):
    TGT[ip] = 0.5 + 0.3 * np.sin(2.0 * XIN[ip, 0]) * XIN[ip, 1] + 0.15 * XIN[ip, 2] ** 2 - 0.1 * XIN[ip, 3]

# weights, last column is the threshold
W1 = rs.uniform(-0.7, 0.7, (NH, NI + 1))
W2 = rs.uniform(-0.7, 0.7, (NG, NH + 1))
W3 = rs.uniform(-0.7, 0.7, NG + 1)


def SIG(s):
    return 1.0 / (1.0 + exp(-s))


H = np.zeros(NH)
G = np.zeros(NG)
DH = np.zeros(NH)
DG = np.zeros(NG)

for ISWEEP in range(1, 81):
    SSE = 0.0
    for ip in rs.permutation(NP):
        # forward
        for j in range(NH):
            s = W1[j, NI]
            for i in range(NI):
                s = s + W1[j, i] * XIN[ip, i]
            H[j] = SIG(s)
        for k in range(NG):
            s = W2[k, NH]
            for j in range(NH):
                s = s + W2[k, j] * H[j]
            G[k] = SIG(s)
        s = W3[NG]
        for k in range(NG):
            s = s + W3[k] * G[k]
        OUT = SIG(s)
        E = OUT - TGT[ip]
        SSE = SSE + 0.5 * E * E
        # deltas
        DO = E * OUT * (1.0 - OUT)
        for k in range(NG):
            DG[k] = DO * W3[k] * G[k] * (1.0 - G[k])
        for j in range(NH):
            s = 0.0
            for k in range(NG):
                s = s + DG[k] * W2[k, j]
            DH[j] = s * H[j] * (1.0 - H[j])
        # update
        for k in range(NG):
            W3[k] = W3[k] - ETA * DO * G[k]
        W3[NG] = W3[NG] - ETA * DO
        for k in range(NG):
            for j in range(NH):
                W2[k, j] = W2[k, j] - ETA * DG[k] * H[j]
            W2[k, NH] = W2[k, NH] - ETA * DG[k]
        for j in range(NH):
            for i in range(NI):
                W1[j, i] = W1[j, i] - ETA * DH[j] * XIN[ip, i]
            W1[j, NI] = W1[j, NI] - ETA * DH[j]
    if ISWEEP % 20 == 0:
        print(" SWEEP", ISWEEP, "  SSE =", "%10.6f" % SSE)
