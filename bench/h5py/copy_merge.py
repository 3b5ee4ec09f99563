"""Merges result files as scripts do that check nothing: python3 copy_merge.py FOLDER OUTPUT"""
import os, sys
import h5py

folder, output = sys.argv[1:]
with h5py.File(output, "w") as merged:
    for name in sorted(os.listdir(folder)):
        with h5py.File(os.path.join(folder, name)) as result:
            for key in result:
                result.copy(key, merged)
