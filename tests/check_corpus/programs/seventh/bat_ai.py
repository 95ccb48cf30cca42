"""
Pong bat AI for the jam game.
Learns "where will the ball be" from (x, y, vx, vy) so that the bat can lead it.
Teacher = the exact bounce formula. Net = 4 -> 24 -> 1, leaky relu, RMSProp.
"""
import numpy as np

R = np.random.RandomState(99)
LEAK = 0.01
LR = 0.003
DECAY = 0.9
EPS = 1e-8


def spawn(n):
    x = R.rand(n); y = R.rand(n)
    vx = 0.5 + R.rand(n); vy = R.rand(n) * 2 - 1
    t = (1 - x) / vx
    hit = y + vy * t * 0.8
    hit = np.abs((hit + 1) % 2 - 1)         # bounce on the floor and ceiling
    s = np.stack([x, y, vx, vy], 1) * 2 - 1
    return s, hit[:, None]


def lrelu(z):
    return np.where(z > 0, z, LEAK * z)

def lrelu_d(z):
    return np.where(z > 0, 1.0, LEAK)


P = {
    'W1': R.randn(4, 24) * np.sqrt(2 / 4), 'b1': np.zeros(24),
    'W2': R.randn(24, 1) * np.sqrt(2 / 24), 'b2': np.zeros(1),
}
cache = {k: np.zeros_like(v) for k, v in P.items()}


def tick(s, target):
    """one training step, returns the loss (half mean square)"""
    n = len(s)
    z1 = s @ P['W1'] + P['b1']
    h = lrelu(z1)
    out = h @ P['W2'] + P['b2']
    diff = out - target

    g = {}
    dout = diff / n
    g['W2'] = h.T @ dout
    g['b2'] = dout.sum(0)
    dz1 = (dout @ P['W2'].T) * lrelu_d(z1)
    g['W1'] = s.T @ dz1
    g['b1'] = dz1.sum(0)

    for k in P:
        cache[k] = DECAY * cache[k] + (1 - DECAY) * g[k] ** 2
        P[k] -= LR * g[k] / (np.sqrt(cache[k]) + EPS)
    return 0.5 * np.mean(diff ** 2)


running = None
for frame in range(3001):
    loss = tick(*spawn(64))                 # endless fresh balls, no epochs
    running = loss if running is None else 0.98 * running + 0.02 * loss
    if frame % 500 == 0:
        print('frame', frame, 'loss', round(running, 5))

s, hit = spawn(2000)
guess = lrelu(s @ P['W1'] + P['b1']) @ P['W2'] + P['b2']
print('bat off by', float(np.mean(np.abs(guess - hit))), '(screen height = 1)')
