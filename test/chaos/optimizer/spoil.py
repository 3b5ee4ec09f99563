"""Writes an output that is no result of its configuration: python3 spoil.py KIND SEED GOOD OUTPUT

What is wrong with it is that alone: digests and attributes are made to fit, where there are any."""
import os, random, shutil, sys

kind, seed, good, output = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
chance = random.Random(seed)
data = bytearray(open(good, "rb").read())


def write(content):
    with open(output, "wb") as file:
        file.write(content)


def edit(change):
    """Changes the group of a copy, and what the file says of its content."""
    import h5py

    sys.path.append(os.path.join(os.path.dirname(__file__), "../../fixtures"))
    from content_sha256 import content_sha256

    shutil.copyfile(good, output)
    with h5py.File(output, "r+") as file:
        group = file[next(iter(file))]
        change(file, group)
        file.attrs.modify("content_sha256", content_sha256(group).encode())


def replace(group, name, values):
    del group[name]
    group.create_dataset(name, data=values)


def nan(_file, group):
    values = group["layout"][()]
    values[chance.randrange(2)][chance.randrange(values.shape[1])] = float("nan")
    replace(group, "layout", values)


def misshapen(_file, group):
    values = group["layout"][()]
    replace(group, "layout", [values.T, values[:, 1:], values[:1]][chance.randrange(3)])


def two(file, group):
    file.copy(group, "another")


if kind == "truncated":
    write(data[: len(data) * seed // 64])
elif kind == "flipped":
    for _ in range(1 + chance.randrange(8)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    write(data)
elif kind == "of-another":
    pool = os.path.dirname(good)
    others = sorted(name for name in os.listdir(pool) if name != os.path.basename(good))
    shutil.copyfile(os.path.join(pool, chance.choice(others)), output)
else:
    edit({"nan": nan, "misshapen": misshapen, "two": two}[kind])
