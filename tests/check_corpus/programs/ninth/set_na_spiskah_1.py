# Nejroset' na spiskah, bez numpy (domashnyaya rabota, 1 kurs)
# kazhdyj nejron - slovar', kak v uchebnike
from math import exp
from random import seed, random, uniform, shuffle


def sozdat_set(n_vhod, n_skryt, n_vyhod):
    skrytyj = [{"vesa": [random() - 0.5 for _ in range(n_vhod)], "sdvig": 0.0} for _ in range(n_skryt)]
    vyhodnoj = [{"vesa": [random() - 0.5 for _ in range(n_skryt)], "sdvig": 0.0} for _ in range(n_vyhod)]
    return [skrytyj, vyhodnoj]


def sigmoida(s):
    return 1.0 / (1.0 + exp(-s))


def vpered(set_, primer):
    vhody = primer
    for sloj in set_:
        novye = []
        for nejron in sloj:
            s = nejron["sdvig"]
            for w, x in zip(nejron["vesa"], vhody):
                s += w * x
            nejron["vyhod"] = sigmoida(s)
            novye.append(nejron["vyhod"])
        vhody = novye
    return vhody


def proizvodnaya(vyhod):
    return vyhod * (1.0 - vyhod)


def nazad(set_, cel):
    # E = 1/2 * summa (vyhod - cel)^2
    for i in reversed(range(len(set_))):
        sloj = set_[i]
        for j, nejron in enumerate(sloj):
            if i == len(set_) - 1:
                oshibka = nejron["vyhod"] - cel[j]
            else:
                oshibka = 0.0
                for sled in set_[i + 1]:
                    oshibka += sled["vesa"][j] * sled["delta"]
            nejron["delta"] = oshibka * proizvodnaya(nejron["vyhod"])


def obnovit(set_, primer, lr):
    vhody = primer
    for sloj in set_:
        for nejron in sloj:
            for k in range(len(vhody)):
                nejron["vesa"][k] -= lr * nejron["delta"] * vhody[k]
            nejron["sdvig"] -= lr * nejron["delta"] * vhody[k]
        vhody = [nejron["vyhod"] for nejron in sloj]


def obuchit(set_, dannye, lr, epohi):
    for ep in range(epohi):
        shuffle(dannye)
        e = 0.0
        for x, cel in dannye:
            out = vpered(set_, x)
            e += sum(0.5 * (o - c) ** 2 for o, c in zip(out, cel))
            nazad(set_, cel)
            obnovit(set_, x, lr)
        if ep % 50 == 0:
            print(">epoha=%d, oshibka=%.4f" % (ep, e))


if __name__ == "__main__":
    seed(2)
    dannye = []
    for _ in range(60):
        x = [uniform(-2, 2), uniform(-2, 2)]
        klass = 1 if x[0] * x[0] + x[1] * x[1] > 2.0 else 0
        dannye.append((x, [1.0, 0.0] if klass == 0 else [0.0, 1.0]))
    set_ = sozdat_set(2, 6, 2)
    obuchit(set_, dannye, 0.5, 300)
    verno = 0
    for x, cel in dannye:
        out = vpered(set_, x)
        verno += out.index(max(out)) == cel.index(max(cel))
    print("verno", verno, "iz", len(dannye))
