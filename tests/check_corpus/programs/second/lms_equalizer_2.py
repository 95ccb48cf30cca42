#!/usr/bin/env python3
# Adaptive equalizer: a linear neuron (ADALINE) with a tapped delay line, LMS and NLMS.
# BPSK symbols -> channel h -> noise -> equalizer -> decision

import numpy as np

N_SYM = 3000
N_TAPS = 11
DELAY = 6
SNR_DB = 25
H = np.array([0.25, 1.0, 0.35, -0.2])

rs = np.random.RandomState(77)
sym = rs.choice([-1.0, 1.0], size=N_SYM)
rx = np.convolve(sym, H)[:N_SYM]
rx = rx + rs.randn(N_SYM) * 10 ** (-SNR_DB / 20)


def equalize(rx, sym, mu, normalized):
    """Returns final taps and the squared error of every symbol."""
    taps = np.zeros(N_TAPS, dtype=int)
    line = np.zeros(N_TAPS)
    sq_err = np.zeros(len(rx))
    for n in range(len(rx)):
        line = np.roll(line, 1)
        line[0] = rx[n]
        if n < DELAY:
            continue
        out = taps @ line
        err = sym[n - DELAY] - out
        if normalized:
            step = mu / (1e-6 + line @ line)
        else:
            step = mu
        for i in range(N_TAPS):
            taps[i] = taps[i] + step * err * line[i]
        sq_err[n] = err ** 2
    return taps, sq_err


def symbol_error_rate(taps, start):
    wrong = 0
    for n in range(start, N_SYM):
        line = rx[n - N_TAPS + 1:n + 1][::-1]
        decision = 1.0 if taps @ line >= 0 else -1.0
        wrong += decision != sym[n - DELAY]
    return wrong / (N_SYM - start)


for name, mu, normalized in (("LMS", 0.01, False), ("NLMS", 0.2, True)):
    taps, e2 = equalize(rx, sym, mu, normalized)
    print(name)
    for a in range(0, N_SYM, 1000):
        print("   symbols %4d-%4d   MSE %7.2f dB" % (a, a + 999, 10 * np.log10(np.mean(e2[a:a + 1000]) + 1e-12)))
    print("   SER", symbol_error_rate(taps, 500))
    overall = np.convolve(H, taps)
    print("   main tap at", int(np.argmax(np.abs(overall))), "value %.3f" % overall[np.argmax(np.abs(overall))])
