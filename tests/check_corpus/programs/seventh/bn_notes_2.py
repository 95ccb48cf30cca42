# %% [markdown]
# ## Batch norm, worked out with pen and paper
# My notes while reading the paper. One hidden layer, BN before the tanh, MSE.

# %%
import numpy as np
rng = np.random.default_rng(21)

# %%
def bn_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(0)
    var = x.var(0)
    istd = 1.0 / np.sqrt(var + eps)
    xhat = (x - mu) * istd
    return gamma * xhat + beta, (xhat, istd, gamma)

def bn_backward(dout, cache):
    xhat, istd, gamma = cache
    m = dout.shape[0]
    dgamma = (dout * xhat).sum(0)
    dbeta = dout.sum(0)
    dxhat = dout * gamma
    # the two terms: direct, through the mean
    dx = istd * (dxhat - dxhat.sum(0) / m)
    return dx, dgamma, dbeta

# %%
# toy data, inputs on different scales and off centre
n = 256
X = rng.normal(size=(n, 3)) * np.array([3.0, 1.0, 0.4]) + np.array([3.0, 0.0, 2.0])
Z = (X - np.array([3.0, 0.0, 2.0])) / np.array([3.0, 1.0, 0.4])
Y = (np.sin(Z[:, :1]) + Z[:, 1:2] * Z[:, 2:3] * 0.5)

h = 20
p = dict(W1=rng.normal(size=(3, h)) / np.sqrt(3), gamma=np.ones(h), beta=np.zeros(h),
         W2=rng.normal(size=(h, 1)) / np.sqrt(h), b2=np.zeros(1))
run_mu, run_var = np.zeros(h), np.ones(h)

# %%
def step(xb, yb):
    global run_mu, run_var
    u = xb @ p['W1']                       # no b1, beta does its job
    run_mu = 0.9 * run_mu + 0.1 * u.mean(0)
    run_var = 0.9 * run_var + 0.1 * u.var(0)
    v, cache = bn_forward(u, p['gamma'], p['beta'])
    a = np.tanh(v)
    out = a @ p['W2'] + p['b2']
    loss = ((out - yb) ** 2).mean()

    g = {}
    dout = 2 * (out - yb) / len(xb)
    g['W2'] = a.T @ dout
    g['b2'] = dout.sum(0)
    dv = (dout @ p['W2'].T) * (1 - a ** 2)
    du, g['gamma'], g['beta'] = bn_backward(dv, cache)
    g['W1'] = xb.T @ du
    return loss, g

# %%
lr, bs = 0.05, 64
for epoch in range(200):
    perm = rng.permutation(n)
    tot = 0.0
    for i in range(0, n, bs):
        j = perm[i:i + bs]
        loss, g = step(X[j], Y[j])
        for k in p:
            p[k] -= lr * g[k]
        tot += loss * len(j)
    if epoch % 40 == 0 or epoch == 199:
        print(epoch, round(tot / n, 4))

# %%
# inference with the running statistics
u = X @ p['W1']
a = np.tanh(p['gamma'] * (u - run_mu) / np.sqrt(run_var + 1e-5) + p['beta'])
print('eval mse', round(float(((a @ p['W2'] + p['b2'] - Y) ** 2).mean()), 4))
