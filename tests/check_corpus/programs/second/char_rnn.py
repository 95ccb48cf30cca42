# Next-letter prediction with a plain recurrent net.
# Truncated backpropagation through time, Adagrad, one stretch of text per update.
import numpy as np

rs = np.random.RandomState(0)

TEXT = "the cat sat on the mat. the dog sat on the log. " * 6
LETTERS = "".join(sorted(set(TEXT)))
V = len(LETTERS)
H = 24
STRETCH = 16
RATE = 0.1
codes = np.array([LETTERS.index(ch) for ch in TEXT])
print(len(TEXT), "letters,", V, "different ones")

net = {
    "in": 0.1 * rs.randn(V, H),     # row = what a letter adds to the state
    "rec": 0.1 * rs.randn(H, H),
    "hid": np.zeros(H),
    "out": 0.1 * rs.randn(H, V),
    "obias": np.zeros(V),
}


def run(letters, state):
    """States before and after every letter, (T + 1, H), and scores, (T, V)."""
    states = [state]
    for c in letters:
        states.append(np.tanh(net["in"][c] + states[-1] @ net["rec"] + net["hid"]))
    states = np.array(states)
    return states, states[1:] @ net["out"] + net["obias"]


def cost_and_gradient(letters, following, state):
    T = len(letters)
    states, scores = run(letters, state)
    scores = scores - scores.max(axis=1, keepdims=True)
    prob = np.exp(scores)
    prob /= prob.sum(axis=1, keepdims=True)
    cost = -np.log(prob[np.arange(T), following]).sum()

    d_scores = prob.copy()
    d_scores[np.arange(T), following] -= 1
    grad = {name: np.zeros_like(value) for name, value in net.items()}
    grad["out"] = states[1:].T @ d_scores
    grad["obias"] = d_scores.sum(axis=0)
    from_future = np.zeros(H)
    for t in range(T - 1, -1, -1):
        d_state = net["out"] @ d_scores[t] + from_future
        d_pre = d_state * (1 - states[t + 1] ** 2)
        grad["in"][letters[t]] += d_pre
        grad["rec"] += np.outer(states[t], d_pre)
        grad["hid"] += d_pre
        from_future = net["rec"] @ d_pre
    return cost, grad, states[-1]


def babble(first, n):
    state, c, text = np.zeros(H), LETTERS.index(first), first
    for _ in range(n):
        states, scores = run([c], state)
        state, c = states[-1], int(scores[0].argmax())
        text += LETTERS[c]
    return text


squares = {name: np.zeros_like(value) for name, value in net.items()}
average = STRETCH * np.log(V)
position, state = 0, np.zeros(H)
for n in range(301):
    if position + STRETCH + 1 > len(codes):
        position, state = 0, np.zeros(H)
    letters = codes[position:position + STRETCH]
    following = codes[position + 1:position + STRETCH + 1]
    cost, grad, state = cost_and_gradient(letters, following, state)
    average = 0.95 * average + 0.05 * cost
    if n % 60 == 0:
        print("update %3d  cost per letter %.4f" % (n, average / STRETCH))
    for name in net:
        g = np.clip(grad[name], -5, 5)
        squares[name] += g * g
        net[name] -= RATE * g / np.sqrt(squares[name] + 1e-8)
    position += STRETCH

print(babble("t", 60))
