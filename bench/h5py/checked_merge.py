"""Merges result files as a careful script does: read, check, copy: python3 checked_merge.py FOLDER OUTPUT"""
import os, sys
import h5py, numpy as np

folder, output = sys.argv[1:]
with h5py.File(output, "w") as merged:
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.getsize(path) == 0: sys.exit(name + " is empty")
        with h5py.File(path) as result:
            [key] = result
            group = result[key]
            layout, aep = group["layout"][()], group["aep"][()]
            attrs = dict(group.attrs)
            if not (np.isfinite(layout).all() and np.isfinite(aep)): sys.exit(name + " is not finite")
            if layout.shape != (2, attrs["n_turbines"]) or attrs["aep"] != aep: sys.exit(name + " contradicts itself")
            if key != "farm%d_t%d_s%d" % (attrs["farm_idx"], attrs["type_idx"], attrs["ss_seed"]): sys.exit(name + " is of another key")
            if key in merged: sys.exit(key + " is there twice")
            result.copy(key, merged)
