"""
Film recommendations by matrix factorization, no libraries.

    prediction(u, f) = mean + user_bias[u] + film_bias[f] + p[u] . q[f]
    loss per rating  = 0.5 * e^2 + 0.5 * REG * (bu^2 + bf^2 + |p|^2 + |q|^2)

Trained by stochastic gradient descent, one rating after the other.
"""
from random import Random

FACTORS = 3
REG = 0.03
LEARNING_RATE = 0.03
EPOCHS = 60

rnd = Random(99)


def invent_ratings(n_users, n_films, fraction):
    """Users like action or romance more or less; every film has some of both."""
    taste = [(rnd.gauss(0, 1), rnd.gauss(0, 1)) for _ in range(n_users)]
    style = [(rnd.gauss(0, 1), rnd.gauss(0, 1), rnd.gauss(0, 0.5)) for _ in range(n_films)]
    ratings = []
    for u in range(n_users):
        for f in range(n_films):
            if rnd.random() < fraction:
                r = 3 + style[f][2] + 0.8 * (taste[u][0] * style[f][0] + taste[u][1] * style[f][1])
                ratings.append((u, f, min(5.0, max(1.0, r + rnd.gauss(0, 0.2)))))
    return ratings


class Recommender:
    def __init__(self, n_users, n_films, mean):
        self.mean = mean
        self.user_bias = [0.0] * n_users
        self.film_bias = [0.0] * n_films
        self.p = [[rnd.gauss(0, 0.3) for _ in range(FACTORS)] for _ in range(n_users)]
        self.q = [[rnd.gauss(0, 0.3) for _ in range(FACTORS)] for _ in range(n_films)]

    def predict(self, u, f):
        dot = sum(a * b for a, b in zip(self.p[u], self.q[f]))
        return self.mean + self.user_bias[u] + self.film_bias[f] + dot

    def learn(self, u, f, rating):
        error = self.predict(u, f) - rating
        self.user_bias[u] -= LEARNING_RATE * (error + REG * self.user_bias[u])
        self.film_bias[f] -= LEARNING_RATE * (error + REG * self.film_bias[f])
        for k in range(FACTORS):
            qk = self.q[f][k]
            self.p[u][k] -= LEARNING_RATE * (error * qk + REG * self.p[u][k])
            self.q[f][k] -= LEARNING_RATE * (error * self.p[u][k] + REG * qk)

    def rmse(self, ratings):
        total = sum((self.predict(u, f) - r) ** 2 for u, f, r in ratings)
        return (total / len(ratings)) ** 0.5


def main():
    n_users, n_films = 40, 25
    ratings = invent_ratings(n_users, n_films, 0.6)
    rnd.shuffle(ratings)
    cut = int(0.85 * len(ratings))
    train, test = ratings[:cut], ratings[cut:]
    mean = sum(r for _, _, r in train) / len(train)
    model = Recommender(n_users, n_films, mean)
    print(len(train), "ratings to learn from,", len(test), "to test")
    for epoch in range(EPOCHS):
        rnd.shuffle(train)
        for u, f, r in train:
            model.learn(u, f, r)
        if epoch % 10 == 9:
            print("epoch %2d   train rmse %.4f   test rmse %.4f" % (epoch + 1, model.rmse(train), model.rmse(test)))
    best = sorted(range(n_films), key=lambda f: -model.predict(0, f))[:5]
    print("films for user 0:", best)


if __name__ == "__main__":
    main()
