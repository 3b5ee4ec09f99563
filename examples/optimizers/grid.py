"""An optimizer of one's own, the simplest there is: a square grid of turbines, as wide as the area allows."""
import numpy as np
from windrow_result import read_problem, write_result


def inside(x, y, vertices_x, vertices_y):
    """Which points are inside the polygon: how often does a ray towards positive x cross its edges?"""
    crossings = np.zeros(x.shape, dtype=int)
    for ax, ay, bx, by in zip(vertices_x, vertices_y, np.roll(vertices_x, -1), np.roll(vertices_y, -1)):
        if ay == by: continue
        crossings += ((ay > y) != (by > y)) & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return crossings % 2 == 1


def grid(spacing, boundary, offset):
    x, y = (np.arange(min(b) + o * spacing, max(b), spacing) for b, o in zip((boundary["x"], boundary["y"]), offset))
    x, y = (points.ravel() for points in np.meshgrid(x, y))
    keep = inside(x, y, boundary["x"], boundary["y"])
    return x[keep], y[keep]


problem = read_problem()
wanted, narrowest = problem["nTurbines"], problem["minSpacingM"] + 0.001
offset = np.random.default_rng(problem["seed"]).uniform(size=2)
spacings = np.geomspace(narrowest, 20 * narrowest, 200)
fitting = [s for s in spacings if len(grid(s, problem["boundary"], offset)[0]) >= wanted]
if not fitting:
    raise SystemExit(f"no grid of {narrowest:.0f} m has {wanted} points in the area")
x, y = grid(fitting[-1], problem["boundary"], offset)
print(f"{len(x)} points at {fitting[-1]:.0f} m; {wanted} of them are used")
write_result(problem, x[:wanted], y[:wanted])
