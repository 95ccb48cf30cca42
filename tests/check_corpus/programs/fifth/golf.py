# 3-layer net in as few letters as I could stand. ring vs. centre.
# x in, t target, U V W weights, a b c biases, r rate
import numpy as np
R=np.random.default_rng(0)
n=200;k=9;r=.5
q=R.uniform(0,2*np.pi,n);t=(np.arange(n)%2)[:,None]*1.
x=np.c_[np.cos(q),np.sin(q)]*(t*1.5+.5)+R.normal(0,.15,(n,2))
s=lambda z:1/(1+np.exp(-z))
G=lambda i,o:R.normal(0,1,(i,o))/i**.5
U,V,W=G(2,k),G(k,k),G(k,1)
a,b,c=np.zeros((1,k)),np.zeros((1,k)),np.zeros((1,1))
for i in range(3001):
    f=np.tanh(x@U+a)
    g=np.tanh(f@V+b)
    y=s(g@W+c)
    if i%500==0:
        z=g@W+c
        print(i,"%.4f"%np.mean(np.logaddexp(0,z)-t*z),np.mean((y>.5)==t))
    E=(y-t)/n
    D=E@W.T*(1-g*g)
    C=D@V.T*(1-f*f)
    W=W-r*g.T@E
    V=V-r*f.T@D
    U=U-r*x.T@C
    c=c-r*E.sum(0)
    b=b-r*D.sum(0)
    a=a-r*C.sum(0)
# who got lost
y=s(np.tanh(np.tanh(x@U+a)@V+b)@W+c)
h=(y>.5)*1.
print("hit",int((h==t).sum()),"miss",int((h!=t).sum()))
print("|U| |V| |W|",*["%.2f"%np.linalg.norm(w) for w in (U,V,W)])
