"""Asks another engine what ours was asked: every question of a file, one JSON object a line.

Prints how many there were, and the differences, as one JSON object.
"""

import json
import sys
from pathlib import Path

from regopy import Interpreter


def verdict(interpreter, package, question):
    interpreter.set_input(question)
    found = json.loads(str(interpreter.query(f"data.{package}.verdict")))
    answer = found["expressions"][0]
    return {
        "allow": answer["allow"],
        "missing": sorted(answer["missing"]),
        "satisfied": sorted(answer["satisfied"]),
    }


def main():
    policies, questions = Path(sys.argv[1]), Path(sys.argv[2])
    engines, asked, differences = {}, 0, []
    for line in questions.read_text().splitlines():
        one = json.loads(line)
        package = one["package"]
        if package not in engines:
            engines[package] = Interpreter()
            name = package.replace(".", "_") + ".rego"
            engines[package].add_module(name, (policies / name).read_text())
        asked += 1
        theirs = verdict(engines[package], package, one["input"])
        if theirs != one["verdict"]:
            differences.append({"question": one, "theirs": theirs})
    print(json.dumps({"cases": asked, "differences": differences[:10], "count": len(differences)}))


main()
