# Fit of a damped oscillation with a small net.
# Notation as in my notes: a^l = sigma(z^l), delta^l = dC/dz^l, eq. (BP1)-(BP4)
# One measurement at a time, column vectors.
import numpy as np

rng = np.random.default_rng(31)

η = 0.05          # learning rate
N_τ = 60          # measurements
N_1 = 15          # hidden units

τ = np.linspace(0, 3, N_τ)
ψ = np.exp(-0.6 * τ) * np.cos(2.5 * τ) + 0.02 * rng.standard_normal(N_τ)

ω_1 = 2.0 * rng.standard_normal((N_1, 1))
β_1 = 1.5 * rng.standard_normal((N_1, 1))
ω_2 = rng.standard_normal((1, N_1)) / np.sqrt(N_1)
β_2 = np.zeros((1, 1))


def σ(z):
    return 1.0 / (1.0 + np.exp(-z))


def σ_prime(z):
    return σ(z) * (1.0 - σ(z))


def Ψ(t):
    """network output, a 1x1 array"""
    return ω_2 @ σ(ω_1 * t + β_1) + β_2


def C():
    return sum(0.5 * (Ψ(t).item() - p) ** 2 for t, p in zip(τ, ψ)) / N_τ


for epoch in range(801):
    for μ in rng.permutation(N_τ):
        # feed forward
        z_1 = ω_1 * τ[μ] + β_1
        a_1 = σ(z_1)
        a_2 = ω_2 @ a_1 + β_2          # linear output

        # (BP1), C = 1/2 (a_2 - psi)^2
        δ_2 = a_2 - ψ[μ]
        # (BP2)
        δ_1 = (ω_2.T @ δ_2) * σ_prime(z_1)

        # (BP3), (BP4)
        ω_2 -= η * δ_2 @ a_1.T
        β_2 -= η * δ_2
        ω_1 -= η * δ_1 * τ[μ]
        β_1 -= η * δ_1
    if epoch % 100 == 0:
        print(f"epoch {epoch:4d}   C = {C():.6f}")

print("residual rms:", round(float(np.sqrt(2 * C())), 4))
