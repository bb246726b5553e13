"""Production shocks with the order matrix written out, industry by industry, in plain NumPy: what the factorised
program is held against. Written from the papers' equations: loops, no groups of users, no factors."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ecumene.types import FloatArray


@dataclass
class Twin:
    """A table in daily flows: Z [n, n], Y [n, R, F], n = R S; what happens each day is set by the functions."""

    Z: FloatArray
    Y: FloatArray
    R: int
    n: float
    tau: float
    psi: float
    alpha_max: float
    tau_alpha: float
    eta: float
    rating: FloatArray  # [input sector, user sector]
    response: float = 0.0
    smallest: float = 0.0  # use of a group of origins, over output, that cannot stop production
    complement: bool = False
    planned: bool = False  # orders for what was planned yesterday, not for what was made
    industries: bool = False  # industries are served before the others
    market: bool = False  # what partners cannot take is ordered from all who export
    closed: FloatArray | None = (
        None  # [origin, destination, sector], 1 where an event closes the link at some time
    )
    output: list = field(default_factory=list)
    consumption: list = field(default_factory=list)

    def group(self, i: int, economy: int) -> int:
        S = len(self.Z) // self.R
        origin, sector = divmod(i, S)
        if not self.complement:
            return 0
        if origin == economy:
            return 1
        return 2 if self.closed is not None and self.closed[origin, economy, sector] else 3

    def run(self, days, lost, demand_left, b) -> Twin:
        """lost(t) [n], demand_left(t) [n, R, F], b(t) [origin, destination, sector]."""
        Z, Y, R = self.Z, self.Y, self.R
        n = len(Z)
        S = n // R
        F = Y.shape[2]
        x0 = Z.sum(1) + Y.sum((1, 2))
        v = x0 - Z.sum(0)
        users = [(j, j // S) for j in range(n)] + [(n + r * F + f, r) for r in range(R) for f in range(F)]
        full = np.concatenate([Z, Y.reshape(n, R * F)], axis=1)
        key = {(i, u): (i % S, self.group(i, r)) for u, r in users for i in range(n)}
        cells: dict = {}
        for (i, u), k in key.items():
            cells.setdefault((k, u), []).append(i)
        bought = {c: full[m, c[1]].sum() for c, m in cells.items()}
        stock = {c: self.n * amount for c, amount in bought.items() if c[1] < n}
        origin = np.arange(n) // S
        abroad = np.array([[full[i, u] for u, r in users if r != origin[i]] for i in range(n)]).sum(1)
        x, x_opt, alpha, rho, income = x0.copy(), x0.copy(), np.ones(n), np.ones(n), np.ones(R)
        for t in range(days):
            open_ = b(t)
            placed = np.zeros_like(full)
            for c, members in cells.items():
                (k, _), u = c
                economy = dict(users)[u]
                if u < n:
                    a = bought[c] / x0[u]
                    lacks = max(self.n * a * x_opt[u] - stock[c], 0.0)
                    ahead = min(a * (x_opt[u] - x[u]), lacks) if self.planned else 0.0
                    N = a * x[u] + ahead + lacks / self.tau
                else:
                    f = (u - n) % F
                    kept = sum(demand_left(t)[i, economy, f] * full[i, u] for i in members)
                    N = kept * (1 + self.response * (income[economy] - 1))
                z = np.array([full[i, u] for i in members])
                w = np.array([open_[i // S, economy, k] * rho[i] ** self.eta for i in members])
                D_kj = z.sum() if self.eta == 0 else (z * w).sum()
                sellers = [i for i in range(n) if i % S == k]
                e = np.array([abroad[i] * open_[i // S, economy, k] * rho[i] ** self.eta for i in sellers])
                if self.market and z.sum() > 0 and e.sum() > 0:
                    taken = (z * w).sum() / z.sum()
                    D_kj = z.sum() * max(taken, 1.0)
                    placed[sellers, u] += N * max(1.0 - taken, 0.0) * e / e.sum()
                if D_kj > 0:
                    placed[members, u] += N * z * w / D_kj
            D = placed.sum(1)
            scarcity = np.divide(D - x, D, out=np.zeros(n), where=D > 0)
            rise = scarcity > 1e-12
            alpha = alpha + np.where(rise, (self.alpha_max - alpha) * scarcity, 1 - alpha) / self.tau_alpha
            cap = x0 * (1 - lost(t)) * alpha
            rho = cap / x0
            x_opt = np.minimum(cap, D)
            x = x_opt.copy()
            for j in range(n):
                limits = [1.0]
                for c in stock:
                    if c[1] == j and bought[c] / x0[j] > self.smallest:
                        threshold = self.psi * self.n * bought[c] / x0[j] * x_opt[j]
                        short = min(stock[c] / threshold, 1.0) if threshold > 0 else 1.0
                        limits.append(1 - self.rating[c[0][0], j % S] * (1 - short))
                x[j] = x_opt[j] * min(limits)
            if self.industries:
                first = placed[:, :n].sum(1)
                come = np.minimum(x / np.where(first > 0, first, np.inf), 1.0)
                rest = (x - come * first) / np.where(first < D, D - first, np.inf)
                delivered = placed * np.where(np.arange(placed.shape[1]) < n, come[:, None], rest[:, None])
            else:
                delivered = placed * np.divide(x, D, out=np.zeros(n), where=D > 0)[:, None]
            assert np.allclose(delivered.sum(1), x)
            for c in stock:
                j = c[1]
                used = min(bought[c] / x0[j] * x[j], stock[c])
                came = [i for i in range(n) if i % S == c[0][0]] if self.market else cells[c]
                stock[c] += delivered[came, j].sum() - used
            income = (v / x0 * x).reshape(R, S).sum(1) / v.reshape(R, S).sum(1)
            self.output.append(x.reshape(R, S))
            self.consumption.append(delivered[:, n:].sum(0).reshape(R, F))
        return self
