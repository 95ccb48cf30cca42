# audio_denoiser.py -- toy denoising autoencoder on 32-sample frames
# I do sound for indie games; this is me figuring out what an AE is.
import numpy as np
import time

np.random.seed(440)
FRAME = 32
HID = 10
NFRAMES = 400
t = np.arange(FRAME) / FRAME


def make_frames(n):
    f = np.random.uniform(1, 4, (n, 1))
    ph = np.random.uniform(0, 2 * np.pi, (n, 1))
    amp = np.random.uniform(0.5, 1.0, (n, 1))
    return amp * np.sin(2 * np.pi * f * t + ph)


clean = make_frames(NFRAMES)

params = {
    "We": np.random.randn(FRAME, HID) * np.sqrt(1 / FRAME),
    "be": np.zeros(HID),
    "Wd": np.random.randn(HID, FRAME) * np.sqrt(1 / HID),
    "bd": np.zeros(FRAME),
}
vel = {k: np.zeros_like(a) for k, a in params.items()}
LR, MOM, BS = 0.02, 0.9, 40

t0 = time.time()
for ep in range(120):
    perm = np.random.permutation(NFRAMES)
    total = 0
    for k in range(0, NFRAMES, BS):
        target = clean[perm[k:k + BS]]
        noisy = target + 0.3 * np.random.randn(*target.shape)

        # encode / decode
        code = np.tanh(noisy @ params["We"] + params["be"])
        out = code @ params["Wd"] + params["bd"]
        err = out - target
        total += np.sum(err ** 2)

        # loss = sum of squares per frame, mean over the batch
        dout = 2 * err / len(target)
        grads = {}
        grads["Wd"] = code.T @ dout
        grads["bd"] = dout.sum(0)
        dpre = (dout @ params["Wd"].T) * (1 - code ** 2)
        grads["We"] = target.T @ dpre
        grads["be"] = dpre.sum(0)

        for name in ("We", "be", "Wd", "bd"):
            vel[name] = MOM * vel[name] + grads[name]
            params[name] -= LR * vel[name]
    if ep % 20 == 0:
        print("ep %3d   err/frame %.4f" % (ep, total / NFRAMES))

test = make_frames(50)
test_n = test + 0.3 * np.random.randn(*test.shape)
rec = np.tanh(test_n @ params["We"] + params["be"]) @ params["Wd"] + params["bd"]
print("noise power in :", np.mean((test_n - test) ** 2))
print("noise power out:", np.mean((rec - test) ** 2))
