"""Holds what a chaos run left against its invariants: python3 invariants.py FACTS

FACTS is what the harness saw and did itself (JSON, see ../facts.ts). Nothing here is shared with the pipeline but the formats
of its files. Prints a JSON document: violations by invariant, the account, and what is worth knowing."""
import json, os, sys

from merged_file import MergedFile, content_if_readable, result
from store_account import StoreAccount, sha256_of

facts = json.load(open(sys.argv[1]))
store = StoreAccount(facts["store"], facts["sweep"])
keys = [f"farm{farm}_s{seed}" for farm in range(facts["farms"]) for seed in range(facts["seeds"])]
violations = {f"I{n}": [] for n in range(1, 8)}
checked = {name: 0 for name in violations}
notes = {name: [] for name in ("hopeless that died of something else", "attempts known to a lost Redis alone", "attempts that found a commit", "attempts that found none left")}
lost, doubled = set(), set()


def hold(invariant, holds, what, key=None, into=None):
    checked[invariant] += 1
    if holds:
        return
    violations[invariant].append(what if key is None else f"{key}: {what}")
    if key is not None and into is not None:
        into.add(key)


def every_configuration_is_accounted_for(merged):
    states = [(key, state) for key, state, _ in merged.rows]
    hold("I1", sorted(key for key, _ in states) == sorted(keys), "the index has other rows than there are configurations")
    state_of = dict(states)
    hold("I1", sorted(merged.groups) == sorted(k for k, s in states if s == "merged"), "groups and index differ")
    named = {}
    for state in ("merged", "quarantined", "dead", "missing"):
        for entry in merged.certificate[state]:
            named.setdefault(entry if isinstance(entry, str) else entry["key"], []).append(state)
        count = merged.certificate["counts"][state]
        hold("I1", count == sum(1 for s in state_of.values() if s == state), f"the count of {state} is {count}")
    for key in keys:
        hold("I1", named.get(key) == [state_of.get(key)], f"certificate {named.get(key)}, index {state_of.get(key)}", key, lost)
        hold("I1", store.state(key) == state_of.get(key), f"store {store.state(key)}, file {state_of.get(key)}", key, lost)
        meets_its_destiny(key, state_of.get(key))


def meets_its_destiny(key, state):
    destiny = facts["destinies"].get(key, "merged")
    letter = store.letter(key)
    last = store.attempts.get((key, letter["attempt"]), {}) if letter else {}
    if destiny == "quarantined" and state == "dead" and letter["code"] != "OUTPUT_CORRUPT" and last.get("outcome") != "corrupt":
        notes["hopeless that died of something else"].append(f"{key}: {letter['code']}")
        return
    hold("I1", state == destiny, f"is {state}, and was to be {destiny}" + (f" ({letter['code']})" if letter else ""), key, lost)


def nothing_refused_is_merged(merged):
    index = {key: digest for key, _, digest in merged.rows}
    for key in merged.groups:
        content, layout, aep = result(os.path.join(facts["pool"], f"{key}.h5"), key)
        group = merged.facts(key)
        hold("I2", group["layout"][0] == layout, "its layout is not what the optimizer gives", key, lost)
        hold("I2", group["aep"][0] == aep, "its AEP is not what the optimizer gives", key, lost)
        hold("I2", merged.content(key) == content == index[key], "its content is not what the optimizer gives", key, lost)
        refused = store.quarantined(key)
        hold("I2", store.commit(key) is not None, "is merged without a commit", key, lost)
        hold("I2", sha256_of(store.commit(key) or merged.path) not in refused, "bytes that were refused are merged", key, lost)
        for path in refused.values():
            # Damage may be outside of what is merged: then the same content is right all the same.
            other = content_if_readable(path, key)
            hold("I2", other is None or other == content or other != merged.content(key), f"{path} is merged", key, lost)
    for evidence in store.evidence:
        path = evidence["path"][: -len(".json")] + ".h5"
        hold("I2", os.path.exists(path) and sha256_of(path) == evidence["sha256"], f"the bytes of {evidence['path']} are not those refused")


def commits_are_never_replaced():
    damaged = facts["damaged"]
    for name, seen in facts["commits"].items():
        key = os.path.basename(name).rsplit(".", 2)[0]
        now = facts["listing"].get(f"sweeps/{facts['sweep']}/{name}")
        hold("I3", now is not None, f"{name} is gone", key, doubled)
        if now is None:
            continue
        expected = damaged.get(name, seen["etag"])
        hold("I3", now["etag"] == expected, f"{name} was {expected} and is {now['etag']}", key, doubled)
        if name not in damaged:
            hold("I3", now["modifiedAt"] == seen["modifiedAt"], f"{name} was written again", key, doubled)
    for name, etag in facts["replaced"].items():
        hold("I3", damaged.get(name) == etag, f"{name} became {etag} meanwhile", os.path.basename(name).rsplit(".", 2)[0], doubled)
    for key, epochs in store.commits.items():
        live = store.live_epoch(key)
        hold("I3", key in keys, "is committed and no configuration", key, doubled)
        hold("I3", max(epochs) <= live, f"has a commit of epoch {max(epochs)}, live is {live}", key, doubled)


def the_file_is_that_of_a_quiet_run(merged, quiet):
    both = set(merged.groups) & set(quiet.groups)
    hold("I4", len(both) > 0, "nothing is merged in both")
    for key in sorted(both):
        hold("I4", merged.facts(key) == quiet.facts(key), "differs from the quiet run", key, lost)
    if merged.certificate_bytes == quiet.certificate_bytes:
        notes["whole files compared"] = True
        hold("I4", sha256_of(merged.path) == sha256_of(quiet.path), "the certificates agree, the files do not")
    elif set(merged.groups) == set(quiet.groups):
        notes["certificates differ"] = [merged.certificate["counts"], quiet.certificate["counts"]]


def everything_settles():
    settled = facts["settled"]
    hold("I5", settled["afterMs"] is not None and settled["afterMs"] <= settled["limitMs"], f"settled after {settled['afterMs']} ms, limit {settled['limitMs']} ms")


def nothing_ends_well_that_is_short():
    waited = [command for command in facts["commands"] if command.get("output") and command["status"] is not None]
    hold("I6", len(waited) > 0, "no command waited for the file")
    for command in waited:
        if command["status"] != 0:
            continue
        name = " ".join(command["args"])
        hold("I6", os.path.exists(command["output"]), f"`{name}` ended well and left no file")
        if not os.path.exists(command["output"]):
            continue
        certificate = MergedFile(command["output"]).certificate
        short = len(keys) - certificate["counts"]["merged"]
        hold("I6", short <= command["tolerance"], f"`{name}` ended well with {short} configurations short")
        told = sum(len(certificate[state]) for state in ("quarantined", "dead", "missing"))
        hold("I6", told == short and (short == 0 or certificate["shortfall"]["configurations"] == short), f"`{name}` names {told} of {short}")
    if facts["expectedStatuses"]:
        statuses = [command["status"] for command in waited]
        hold("I6", statuses[-len(facts["expectedStatuses"]):] == facts["expectedStatuses"], f"commands that waited ended with {statuses}")


def everything_is_on_record():
    records = {}
    for record in store.attempts.values():
        records[record["key"]] = records.get(record["key"], 0) + 1
    unrecorded = {}
    for seen in facts["attempts"]:
        checked["I7"] += 1
        if (seen["key"], seen["attempt"]) in store.attempts:
            continue
        if facts["runs"].get(seen["key"], 0) <= records.get(seen["key"], 0) and found_a_commit(seen):
            notes["attempts that found a commit"].append(f"{seen['key']} {seen['attempt']}")
        elif facts["runs"].get(seen["key"], 0) <= records.get(seen["key"], 0) and found_none_left(seen):
            notes["attempts that found none left"].append(f"{seen['key']} {seen['attempt']}")
        elif known_to_lost_redis_alone(seen):
            notes["attempts known to a lost Redis alone"].append(f"{seen['key']} {seen['attempt']}")
            unrecorded[seen["key"]] = unrecorded.get(seen["key"], 0) + 1
        else:
            hold("I7", False, f"attempt {seen['attempt']} of {seen['worker']} is not on record", seen["key"])
    for key, runs in facts["runs"].items():
        allowed = records.get(key, 0) + unrecorded.get(key, 0)
        if runs > allowed and facts["redisLosses"]:
            notes["attempts known to a lost Redis alone"].append(f"{key}: {runs - allowed} runs")
        else:
            hold("I7", runs <= allowed, f"ran {runs} times, {allowed} attempts are known", key)
    for evidence in store.evidence:
        hold("I7", evidence["source"] == "commit" or (evidence["key"], evidence["attempt"]) in store.attempts, f"{evidence['path']} names an attempt that is not on record")
    for action in ("pause", "resume", "cancel", "rerun"):
        given = [command for command in facts["commands"] if command["args"][0] == action]
        done = sum(1 for command in given if command["status"] == 0)
        recorded = sum(1 for record in store.actions if record["action"] == action)
        hold("I7", done <= recorded <= len(given), f"{action} was given {len(given)} times, did {done}, and is on record {recorded} times")


def found_a_commit(seen):
    """It looked whether there is anything to run, and there was not: nothing was executed."""
    commits = [commit for name, commit in facts["commits"].items() if name.startswith(f"results/{seen['key']}.")]
    return any(commit["modifiedAt"] <= seen["lastSeenAt"] for commit in commits)


def found_none_left(seen):
    """All attempts were spent and the last was lost: nothing was executed, and the dead letter is its record."""
    letters = [json.load(open(path)) for path in store.dead.get(seen["key"], {}).values()]
    return any(letter["attempt"] == seen["attempt"] and letter["code"] == "WORKER_LOST" for letter in letters)


def known_to_lost_redis_alone(seen):
    """Its worker was gone before it could say anything, and so was the Redis that knew of it."""
    ended = any(end["worker"] == seen["worker"] and end["at"] >= seen["firstSeenAt"] for end in facts["ended"])
    return ended and any(at >= seen["firstSeenAt"] - 500 for at in facts["redisLosses"])


merged, quiet = MergedFile(store.newest_file()), MergedFile(facts["quiet"])
hold("I1", sha256_of(merged.path) == store.generations[-1]["files"]["layouts"]["sha256"], "the newest file is not the one recorded")
every_configuration_is_accounted_for(merged)
nothing_refused_is_merged(merged)
commits_are_never_replaced()
the_file_is_that_of_a_quiet_run(merged, quiet)
everything_settles()
nothing_ends_well_that_is_short()
everything_is_on_record()
counts = merged.certificate["counts"]
print(json.dumps({"violations": violations, "checked": checked, "notes": notes, "lost": sorted(lost), "doubled": sorted(doubled), "counts": counts}))
