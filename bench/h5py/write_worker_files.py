"""Writes the worker files of a crashed sweep, a configuration each: python3 write_worker_files.py FOLDER COUNT

The configurations are those of bench/salvage.ts: 10 areas x 1 type x seeds, 100 turbines."""
import os, sys
import h5py, numpy as np

folder, count = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(1)
os.makedirs(folder)
places = np.arange(100)
lattice = np.array([1000.0 * (places % 10) + 1000, 1000.0 * (places // 10) + 1000])
for i in range(count):
    farm, seed = i % 10, i // 10
    with h5py.File(os.path.join(folder, "worker_%d.h5" % (20_000 + i)), "w") as f:
        g = f.create_group("farm%d_t0_s%d" % (farm, seed))
        g["layout"] = lattice + [[20_000.0 * farm], [0]] + rng.uniform(-100, 100, lattice.shape)
        g["aep"] = rng.uniform(3000, 5000)
        g.attrs.update(dict(farm_idx=farm, type_idx=0, ss_seed=seed, n_turbines=100, diameter=195, status="success"))
