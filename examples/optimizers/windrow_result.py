"""What an optimizer in Python needs to work for Windrow: the problem, its AEP, the result file. Needs h5py and numpy."""
import hashlib, json, os, struct, subprocess
from pathlib import Path
import h5py, numpy as np

WINDROW = Path(__file__).resolve().parents[2]  # the folder of Windrow: set it in a copy that lives elsewhere


def read_problem():
    """The layout problem: key, boundary {x, y} (m), nTurbines, turbine, site, minSpacingM, seed, ..."""
    return json.loads(Path(os.environ["WINDROW_PROBLEM"]).read_text())


def aep_gwh(x, y):
    """AEP (GWh) of a layout on the model of the problem, by Windrow's own wake model: the figure it will compare with."""
    node = WINDROW / "node_modules/.bin/node"
    command = [str(node) if node.exists() else "node", str(WINDROW / "examples/optimizers/aep.ts")]
    layout = json.dumps({"x": [float(v) for v in x], "y": [float(v) for v in y]})
    return json.loads(subprocess.run(command, input=layout, stdout=subprocess.PIPE, text=True, check=True).stdout)


def write_result(problem, x, y):
    """Writes the result file, schema 1 (docs/files.md)."""
    aep = aep_gwh(x, y)
    with h5py.File(os.environ["WINDROW_OUTPUT"], "w") as f:
        group = f.create_group(problem["key"])
        group["layout"] = np.array([x, y], dtype="<f8")
        group["aep"] = aep
        group.attrs.update(status="success", aep=aep, n_turbines=len(x), **named_attributes(problem))
        f.attrs.update(schema_version=1, units="layout: m, aep: GWh", configuration_digest=problem["configurationDigest"])
        f.attrs["content_sha256"] = content_sha256(group)


def named_attributes(problem):
    """The attributes that name the configuration, five at most: what does not fit goes as JSON into `extra`."""
    named, rest = problem["attributes"], dict(problem["extra"])
    if len(named) > 5 or rest:
        rest.update((a["name"], a["value"]) for a in named[4:])
        named = named[:4]
    kinds = {"whole": int, "real": float, "text": str}
    attributes = {a["name"]: kinds[a["kind"]](a["value"]) for a in named}
    if rest:
        attributes["extra"] = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return attributes


def content_sha256(group):
    digest = hashlib.sha256()
    def put(*fields):
        for field in fields:
            data = bytes(field) if isinstance(field, bytes) else str(field).encode()
            digest.update(struct.pack("<Q", len(data)) + data)
    put("windrow content 1", group.name.lstrip("/"), len(group.attrs), len(group))
    for name, value in sorted(group.attrs.items(), key=lambda item: item[0].encode()):
        if isinstance(value, (str, bytes)): put(name, "text", value)
        elif isinstance(value, np.integer): put(name, "integer", int(value))
        else: put(name, "float", struct.pack("<d", value))
    for name in sorted(group, key=str.encode):
        data = np.asarray(group[name][()])
        put(name, data.dtype.str, data.ndim, *data.shape, data.tobytes())
    return digest.hexdigest()
