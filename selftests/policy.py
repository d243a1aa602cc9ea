# SPDX-License-Identifier: GPL-2.0
"""The policies that the kernel applies, held against uapi/leaseglean.yaml.

Every attribute of every request must be in the operation's policy with the
type and the bounds that the contract gives it, and no other attribute may be.
"""
import re
import sys

import yaml

TYPES = {"u8": ("U8", 0xff), "u16": ("U16", 0xffff),
         "u32": ("U32", 0xffffffff), "u64": ("U64", (1 << 64) - 1)}


def kernel(text):
    """{operation number: policy number} and {policy number: {number: what}}"""
    ops, policies = {}, {}
    for line in text.splitlines():
        op = re.search(r"op (\d+) policies:.* do=(\d+)", line)
        attr = re.search(r"policy\[(\d+)\]:attr\[(\d+)\]: type=(.*)", line)
        if op:
            ops[int(op[1])] = int(op[2])
        if attr:
            policies.setdefault(int(attr[1]), {})[int(attr[2])] = attr[3]
    return ops, policies


class Spec:
    def __init__(self, path):
        with open(path) as file:
            spec = yaml.safe_load(file)
        self.consts = {one["name"]: one for one in spec["definitions"]}
        self.sets = {one["name"]: one for one in spec["attribute-sets"]}
        self.operations = spec["operations"]["list"]

    def number(self, value):
        return self.consts[value]["value"] if isinstance(value, str) else value

    def expected(self, attr, policies):
        """What the kernel should print of an attribute, and a nested policy"""
        checks = attr.get("checks", {})
        kind = attr["type"]
        if kind in TYPES:
            name, top = TYPES[kind]
            low, high = checks.get("min", 0), checks.get("max", top)
            if "enum" in attr:
                enum = self.consts[attr["enum"]]
                if enum["type"] == "flags":
                    return (f"{name} range:"
                            f"[0,{(1 << len(enum['entries'])) - 1}]")
                low = enum.get("value-start", 0)
                high = low + len(enum["entries"]) - 1
            return f"{name} range:[{low},{high}]"
        if kind == "binary":
            return f"BINARY max len:{self.number(checks['max-len'])}"
        if kind == "string":
            return f"NUL_STRING max len:{checks['max-len']}"
        if kind == "nest":
            return "NESTED"
        sys.exit(f"{attr['name']}: cannot judge a {kind}")

    def requested(self, set_name, names):
        """{number: attribute} of a set: those named, or all"""
        attrs = self.sets[set_name]
        if "subset-of" in attrs:
            names = [attr["name"] for attr in attrs["attributes"]]
            attrs = self.sets[attrs["subset-of"]]
        return {number: attr
                for number, attr in enumerate(attrs["attributes"], 1)
                if names is None or attr["name"] in names}


def compare(where, spec, wanted, policies, policy, faults):
    """How many attributes were compared."""
    have = policies.get(policy, {})
    count = 0
    for number in sorted(set(have) - set(wanted)):
        faults.append(f"{where}: attribute {number} is taken, not in the contract")
    for number, attr in wanted.items():
        what = have.get(number)
        want = spec.expected(attr, policies)
        count += 1
        if what is None:
            faults.append(f"{where}: {attr['name']} is not taken")
        elif attr["type"] == "nest":
            nested = re.match(r"NESTED policy:(\d+)", what)
            if not nested:
                faults.append(f"{where}: {attr['name']} is {what}")
                continue
            inner = spec.requested(attr["nested-attributes"], None)
            count += compare(f"{where}/{attr['name']}", spec, inner, policies,
                             int(nested[1]), faults)
        elif what.strip() != want:
            faults.append(f"{where}: {attr['name']} is {what}, not {want}")
    return count


def judge(path, text):
    """(faults, how many attributes were compared) of the contract in that file
    and what "genl ctrl policy" printed."""
    spec = Spec(path)
    ops, policies = kernel(text)
    faults, compared = [], 0
    for number, op in enumerate(spec.operations, 1):
        if "do" not in op:
            continue
        if number not in ops:
            faults.append(f"{op['name']}: the kernel tells no policy")
            continue
        names = op["do"].get("request", {}).get("attributes", [])
        wanted = spec.requested(op["attribute-set"], names)
        compared += compare(op["name"], spec, wanted, policies, ops[number],
                            faults)
    return faults, compared
