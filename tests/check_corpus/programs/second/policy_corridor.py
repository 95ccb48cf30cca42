# REINFORCE in a corridor: start in the middle, treasure at the right end, a pit at the left end.
# Policy network: one-hot position -> tanh layer -> softmax over (left, stay, right)
import numpy as np

LENGTH = 7
HIDDEN = 10
GAMMA = 0.95
ALPHA = 0.05
EPISODES_PER_UPDATE = 8

rng = np.random.default_rng(31)


def features(pos):
    x = np.zeros(LENGTH)
    x[pos] = 1.0
    return x


def step(pos, action):
    """Returns new position, reward, done. The floor is slippery."""
    move = action - 1
    if rng.random() < 0.1:
        move = rng.integers(-1, 2)
    pos = pos + move
    if pos <= 0:
        return 0, -1.0, True
    if pos >= LENGTH - 1:
        return LENGTH - 1, 1.0, True
    return pos, -0.02, False


class Policy:
    def __init__(self):
        self.theta = {
            "W": 0.5 * rng.normal(size=(HIDDEN, LENGTH)), "b": np.zeros(HIDDEN),
            "V": 0.1 * rng.normal(size=(3, HIDDEN)), "c": np.zeros(3),
        }
        self.clear()

    def clear(self):
        self.grad = {k: np.zeros_like(v) for k, v in self.theta.items()}

    def probabilities(self, x):
        h = np.tanh(self.theta["W"] @ x + self.theta["b"])
        logits = self.theta["V"] @ h + self.theta["c"]
        e = np.exp(logits - logits.max())
        return h, e / e.sum()

    def add_gradient(self, x, action, advantage):
        """Adds advantage * grad log pi(action | x)."""
        h, prob = self.probabilities(x)
        d_logits = -prob * advantage
        d_logits[action] += advantage
        self.grad["V"] += np.outer(d_logits, h)
        self.grad["c"] += d_logits
        d_a = (self.theta["V"].T @ d_logits) * (1 - h * h)
        self.grad["W"] += np.outer(d_a, x)
        self.grad["b"] += d_a

    def ascend(self, n):
        for k in self.theta:
            self.theta[k] = self.theta[k] + ALPHA * self.grad[k] / n


def play(policy):
    pos, done, history = LENGTH // 2, False, []
    while not done and len(history) < 30:
        x = features(pos)
        _, prob = policy.probabilities(x)
        action = rng.choice(3, p=prob)
        pos, reward, done = step(pos, action)
        history.append((x, action, reward))
    return history


def discounted(rewards):
    out, running = [], 0.0
    for r in reversed(rewards):
        running = r + GAMMA * running
        out.append(running)
    return out[::-1]


policy = Policy()
baseline = 0.0
score = []
for update in range(100):
    policy.clear()
    for _ in range(EPISODES_PER_UPDATE):
        history = play(policy)
        returns = discounted([r for _, _, r in history])
        for (x, action, _), G in zip(history, returns):
            policy.add_gradient(x, action, G - baseline)
        baseline = 0.95 * baseline + 0.05 * returns[0]
        score.append(sum(r for _, _, r in history))
    policy.ascend(EPISODES_PER_UPDATE)
    if update % 20 == 19:
        print("update %3d  mean score of the last 160 episodes %.3f" % (update + 1, np.mean(score[-160:])))

for pos in range(1, LENGTH - 1):
    print("position", pos, "left/stay/right", np.round(policy.probabilities(features(pos))[1], 2))
