"""A merged file, read by h5py: the account it gives, and its groups as they are."""
import json, os, sys

import h5py, numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fixtures"))
from content_sha256 import content_sha256


class MergedFile:
    def __init__(self, path):
        self.path = path
        self.file = h5py.File(path, "r")
        self.certificate_bytes = bytes(self.file["init/certificate"][:])
        self.certificate = json.loads(self.certificate_bytes)
        rows = self.file["init/index"][:]
        self.rows = [(row["key"].decode(), row["state"].decode(), row["content_sha256"].decode()) for row in rows]
        self.groups = [name for name in self.file if name != "init"]

    def content(self, key):
        return content_sha256(self.file[key])

    def facts(self, key):
        """All that there is of a configuration, bit for bit."""
        return group_facts(self.file[key])


def group_facts(group):
    facts = {"attributes": {name: value_facts(value) for name, value in group.attrs.items()}}
    for name in group:
        dataset = group[name]
        facts[name] = (value_facts(dataset[()]), {a: value_facts(v) for a, v in dataset.attrs.items()})
    return facts


def value_facts(value):
    if isinstance(value, (str, bytes)):
        return value
    array = np.asarray(value)
    return (array.dtype.str, array.shape, array.tobytes())


def result(path, key):
    """Content and arrays of a result file: (content_sha256, layout, aep)."""
    with h5py.File(path, "r") as file:
        group = file[key]
        return content_sha256(group), value_facts(group["layout"][()]), value_facts(group["aep"][()])


def content_if_readable(path, key):
    """The content of bytes that were refused, as far as anybody can read them."""
    try:
        with h5py.File(path, "r") as file:
            return content_sha256(file[key])
    except Exception:  # Whatever is wrong with it, it was refused.
        return None
