# -*- coding: utf-8 -*-
# Aflevering 3, dyb læring (hold 2)
# Et dybt net med L lag. Eksemplerne står i SØJLER: X er (n_x, m), Y er (1, m)
# [LINEAR -> RELU] * (L-1) -> LINEAR -> SIGMOID
import numpy as np


def init_parametre(lag_dims, seed=3):
    rng = np.random.RandomState(seed)
    p = {}
    for l in range(1, len(lag_dims)):
        p['W' + str(l)] = rng.randn(lag_dims[l], lag_dims[l-1]) * np.sqrt(2. / lag_dims[l-1])
        p['b' + str(l)] = np.zeros((lag_dims[l], 1))
    return p


def sigmoid(Z):
    return 1 / (1 + np.exp(-np.clip(Z, -500, 500)))


def relu(Z):
    return np.maximum(0, Z)


def sigmoid_baglaens(dA, Z):
    s = sigmoid(Z)
    return dA * s * (1 - s)


def relu_baglaens(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def lag_fremad(A_prev, W, b, aktivering):
    Z = np.dot(W, A_prev) + b
    if aktivering == 'sigmoid':
        A = sigmoid(Z)
    else:
        A = relu(Z)
    cache = (A_prev, W, b, Z)
    return A, cache


def lag_baglaens(dA, cache, aktivering):
    A_prev, W, b, Z = cache
    m = A_prev.shape[1]
    if aktivering == 'sigmoid':
        dZ = sigmoid_baglaens(dA, Z)
    else:
        dZ = relu_baglaens(dA, Z)
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def model_fremad(X, p):
    caches = []
    A = X
    L = len(p) // 2
    for l in range(1, L):
        A, cache = lag_fremad(A, p['W' + str(l)], p['b' + str(l)], 'relu')
        caches.append(cache)
    AL, cache = lag_fremad(A, p['W' + str(L)], p['b' + str(L)], 'sigmoid')
    caches.append(cache)
    return AL, caches


def omkostning(AL, Y):
    m = Y.shape[1]
    AL = np.clip(AL, 1e-12, 1 - 1e-12)
    return float(-np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m)


def model_baglaens(AL, Y, caches):
    grads = {}
    L = len(caches)
    AL = np.clip(AL, 1e-12, 1 - 1e-12)
    # dA er pr. eksempel; vi dividerer først med m i dW og db
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    dA, grads['dW' + str(L)], grads['db' + str(L)] = lag_baglaens(dA, caches[L-1], 'sigmoid')
    for l in reversed(range(1, L)):
        dA, grads['dW' + str(l)], grads['db' + str(l)] = lag_baglaens(dA, caches[l-1], 'relu')
    return grads


def opdater(p, grads, laeringsrate):
    L = len(p) // 2
    for l in range(1, L + 1):
        p['W' + str(l)] = p['W' + str(l)] - laeringsrate * grads['dW' + str(l)]
        p['b' + str(l)] = p['b' + str(l)] - laeringsrate * grads['db' + str(l)]
    return p
