"""What a store says of a sweep, read from a folder by the formats of docs/files.md alone."""
import glob, hashlib, json, os, re


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class StoreAccount:
    """Commits, dead letters, epochs, attempts and evidence of one sweep."""

    def __init__(self, store, sweep):
        self.root = os.path.join(store, "sweeps", sweep)
        self.store = store
        self.commits = self._by_key_and_epoch("results", "h5")
        self.dead = self._by_key_and_epoch("dead", "json")
        self.reopened = self._by_key_and_epoch("reopened", "json")
        self.attempts = {}
        for path in self._files("attempts/*/*.json"):
            record = json.load(open(path))
            self.attempts[record["key"], record["attempt"]] = record
        self.evidence = [json.load(open(path)) | {"path": path} for path in self._files("quarantine/*/*.json")]
        self.actions = [json.load(open(path)) for path in self._files("actions/*.json")]
        self.generations = [json.load(open(path)) for path in self._files("generations/*.json")]

    def _files(self, pattern):
        return sorted(glob.glob(os.path.join(self.root, pattern)))

    def _by_key_and_epoch(self, folder, extension):
        found = {}
        for path in self._files(f"{folder}/*.{extension}"):
            key, epoch = re.fullmatch(rf"(.+)\.(\d+)\.{extension}", os.path.basename(path)).groups()
            found.setdefault(key, {})[int(epoch)] = path
        return found

    def live_epoch(self, key):
        epoch = 0
        while epoch in self.reopened.get(key, {}):
            epoch += 1
        return epoch

    def commit(self, key):
        """The path of the live commit."""
        return self.commits.get(key, {}).get(self.live_epoch(key))

    def letter(self, key):
        """The dead letter of the live epoch, where there is no commit."""
        path = self.dead.get(key, {}).get(self.live_epoch(key))
        return json.load(open(path)) if path and not self.commit(key) else None

    def state(self, key):
        if self.commit(key):
            return "merged"
        letter = self.letter(key)
        if letter is None:
            return "missing"
        return "quarantined" if letter["state"] == "dead-corrupt" else "dead"

    def quarantined(self, key):
        """The digests of everything of this configuration that was refused, where its bytes are kept."""
        paths = glob.glob(os.path.join(self.root, "quarantine", key, "*.h5"))
        return {sha256_of(path): path for path in paths}

    def newest_file(self):
        return os.path.join(self.store, self.generations[-1]["files"]["layouts"]["name"])
