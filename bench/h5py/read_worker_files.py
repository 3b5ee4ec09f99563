"""Reads worker files as a script that only lists what is there: python3 read_worker_files.py FOLDER"""
import os, sys
import h5py, numpy as np

found = {}
for name in sorted(os.listdir(sys.argv[1])):
    with h5py.File(os.path.join(sys.argv[1], name)) as f:
        for key, group in f.items():
            layout, aep, attrs = group["layout"][()], group["aep"][()], dict(group.attrs)
            if np.isfinite(layout).all() and np.isfinite(aep) and attrs["status"] == "success": found[key] = aep
print(len(found))
