# steering_brain.py
# Tiny net for the enemy cars: learns the designer's steering curve so I can ship
# the net instead of the 200-line if/else. Pure python, runs in the game's scripting VM (no numpy there).
import math
import random

random.seed(1234)

CFG = {"inputs": 3, "hidden": 8, "lr": 0.05, "steps": 20000}


def designer_steer(left, right, speed):
    # ray distances left/right in 0..1, speed in 0..1, returns -1..1
    turn = (right - left) * 1.5
    if speed > 0.7:
        turn *= 0.6      # dont oversteer at high speed
    return max(-0.9, min(0.9, turn))


def new_brain(cfg):
    r = lambda: random.uniform(-0.5, 0.5)
    return {
        "w1": [[r() for _ in range(cfg["inputs"])] for _ in range(cfg["hidden"])],
        "b1": [0.0] * cfg["hidden"],
        "w2": [r() for _ in range(cfg["hidden"])],
        "b2": 0.0,
    }


def think(brain, x):
    hid = []
    for row, b in zip(brain["w1"], brain["b1"]):
        s = b
        for w, xi in zip(row, x):
            s += w * xi
        hid.append(math.tanh(s))
    out = brain["b2"]
    for w, h in zip(brain["w2"], hid):
        out += w * h
    return hid, math.tanh(out)


def learn(brain, x, target, lr):
    hid, out = think(brain, x)
    err = out - target
    d_out = err * (1.0 - out * out)

    # blame for each hidden neuron
    d_hid = []
    for j, h in enumerate(hid):
        d_hid.append(d_out * brain["w2"][j] * (1.0 - h * h))

    # nudge the output weights
    for j, h in enumerate(hid):
        brain["w2"][j] -= lr * d_out * h
    brain["b2"] -= lr * d_out

    # nudge the hidden weights
    for j in range(len(hid)):
        for i, xi in enumerate(x):
            brain["w1"][j][i] -= lr * d_hid[j] * xi
        brain["b1"][j] -= lr * d_hid[j]
    return 0.5 * err * err


def main():
    brain = new_brain(CFG)
    running = None
    for step in range(1, CFG["steps"] + 1):
        x = [random.random() for _ in range(3)]
        e = learn(brain, x, designer_steer(*x), CFG["lr"])
        running = e if running is None else 0.999 * running + 0.001 * e
        if step % 4000 == 0:
            print("step %6d  avg error %.5f" % (step, running))

    print("left  right speed   want    got")
    for x in ([0.2, 0.8, 0.3], [0.9, 0.5, 0.9], [0.5, 0.5, 0.5], [0.1, 0.3, 0.2]):
        print(" %.1f   %.1f   %.1f   %+.3f  %+.3f" % (*x, designer_steer(*x), think(brain, x)[1]))


if __name__ == "__main__":
    main()
