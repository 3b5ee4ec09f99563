"""Makes what mutants are made of, the way users' own programs do: python3 h5py_seeds.py FOLDER HOST_FILE

good-*.h5 are valid results of schema 1; hostile-*.h5 name HOST_FILE, devices, or themselves. Each is written twice: as
h5py does by default (superblock 0), and with checksummed metadata (libver v110)."""
import os, sys
import h5py, numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures"))
from content_sha256 import content_sha256

folder, host_file = sys.argv[1:]
KEY = "farm9_t4_s24"
LAYOUT = np.array([[0, 1000, 2000, 0, 1000, 2000], [0, 0, 0, 1000, 1000, 1000]], float)
ATTRIBUTES = dict(status="success", aep=9.0, n_turbines=6, diameter=240.5, farm_idx=9, type_idx=4, ss_seed=24)


def fill(f, layout=True, **storage):
    group = f.create_group(KEY)
    if layout:
        group.create_dataset("layout", data=LAYOUT, **storage)
    group.create_dataset("aep", data=9.0)
    group.attrs.update(ATTRIBUTES)
    f.attrs.update(schema_version=1, units="layout: m, aep: GWh", configuration_digest="c0ffee" * 10)
    f.attrs["content_sha256"] = content_sha256(group)
    return group


def plain(f): fill(f)
def chunked(f): fill(f, chunks=(2, 6), fletcher32=True)
def growing(f): fill(f, chunks=(1, 4), maxshape=(None, None), shuffle=True, fletcher32=True)
def wide(f):
    group = fill(f)
    for n in range(12):
        group.create_dataset("extra_%d" % n, data=np.arange(n + 1, dtype="f4"))
    f.attrs["content_sha256"] = content_sha256(group)
def fixed_text(f):
    fill(f)
    for owner in (f, f[KEY]):
        for name, value in list(owner.attrs.items()):
            if isinstance(value, str):
                owner.attrs[name] = np.bytes_(value)


def external_link(f): fill(f, layout=False)["layout"] = h5py.ExternalLink(host_file, "/x")
def external_group(f): f["a"] = h5py.ExternalLink(host_file, "/" + KEY)
def external_storage(f):
    fill(f, layout=False).create_dataset("layout", (2, 6), "f8", external=[(host_file, 0, 96)])
def external_device(f):
    fill(f, layout=False).create_dataset("layout", (2, 6), "f8", external=[("/dev/zero", 0, 96)])
def external_stdin(f):
    fill(f, layout=False).create_dataset("layout", (2, 6), "f8", external=[("/dev/stdin", 0, 96)])
def virtual(f):
    layout = h5py.VirtualLayout((2, 6), "f8")
    layout[:] = h5py.VirtualSource(host_file, "x", (2, 6))
    fill(f, layout=False).create_virtual_dataset("layout", layout)
def soft_cycle(f):
    group = fill(f)
    group["one"], group["other"] = h5py.SoftLink("other"), h5py.SoftLink("one")
def hard_cycle(f):
    group = fill(f)
    group["up"], group["self"] = f["/"], group
def giant(f):
    fill(f).create_dataset("history", (2**31, 2**31), "f8", chunks=(2**10, 2**10))
def giant_chunk(f):
    fill(f).create_dataset("history", (10,), "f8", chunks=(2**28,), maxshape=(None,))
def compressed(f):
    fill(f).create_dataset("history", data=np.zeros(2**20), compression="gzip", compression_opts=9)
def texts(f):
    fill(f).create_dataset("notes", data=["note %d" % n for n in range(50)])


good = [plain, chunked, growing, wide, fixed_text]
hostile = [external_link, external_group, external_storage, external_device, external_stdin, virtual,
           soft_cycle, hard_cycle, giant, giant_chunk, compressed, texts]
for kind, makers in (("good", good), ("hostile", hostile)):
    for make in makers:
        for libver, version in ((None, "superblock-0"), ("v110", "v110")):
            name = "%s-%s-%s.h5" % (kind, make.__name__, version)
            with h5py.File(os.path.join(folder, name), "w", libver=libver) as f:
                make(f)
