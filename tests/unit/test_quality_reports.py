"""How coverage and mutation are told: by room and by module, with what was missed by name."""

from __future__ import annotations

import json

import coverage_rooms
import mutation_scores


def a_file(statements=10, lines=10, branches=4, reached=4, missing=(), ways=()):
    return {
        "summary": {
            "num_statements": statements,
            "covered_lines": lines,
            "num_branches": branches,
            "covered_branches": reached,
        },
        "missing_lines": list(missing),
        "missing_branches": list(ways),
    }


def a_report(tmp_path, **files):
    path = tmp_path / "coverage.json"
    told = {f"src/watcher/{name.replace('__', '/')}.py": files[name] for name in files}
    path.write_text(json.dumps({"files": told}), encoding="utf-8")
    return path


def test_a_room_is_told_in_lines_and_branches_rounded_down(tmp_path, capsys):
    report = a_report(
        tmp_path,
        core__diff=a_file(),
        web__app=a_file(3, 2),
        web__api__v1=a_file(1_000, 1_000, 0, 0),
        errors=a_file(branches=0, reached=0),
    )

    assert coverage_rooms.main(report) == 0
    assert capsys.readouterr().out.split("\n")[2:5] == [
        "| `core` | 10 | 100.0 % | 4 | 100.0 % |",
        "| `errors.py` | 10 | 100.0 % | 0 | 100.0 % |",
        "| `web` | 1003 | 99.9 % | 4 | 100.0 % |",
    ]


def test_what_is_missed_of_the_core_and_the_readers_is_named_and_fails(tmp_path, capsys):
    report = a_report(
        tmp_path,
        readers__rss=a_file(lines=9, missing=[7], ways=[(5, 7), (9, -1)]),
        web__app=a_file(lines=0, missing=[1]),
    )

    assert coverage_rooms.main(report) == 1
    assert capsys.readouterr().out.split("\n")[-4:-1] == [
        "src/watcher/readers/rss.py:7",
        "src/watcher/readers/rss.py:5 → 7",
        "src/watcher/readers/rss.py:9 → end",
    ]


def test_a_change_is_noticed_where_tests_fail_or_never_end(tmp_path):
    folder = tmp_path / "src" / "watcher" / "core"
    folder.mkdir(parents=True)
    codes = {"a.x__1": 1, "a.x__2": 0, "a.x__3": 33, "a.x__4": 36, "a.x__5": None}
    (folder / "a.py.meta").write_text(json.dumps({"exit_code_by_key": codes}), encoding="utf-8")
    (folder / "b.py.meta").write_text('{"exit_code_by_key": {"b.x__1": null}}', encoding="utf-8")

    assert mutation_scores.rows(tmp_path)[2:] == [
        "| `core/a.py` | 4 | 2 | 50.0 % |",
        "| all | 4 | 2 | 50.0 % |",
        "",
        "a.x__2",
        "a.x__3",
    ]
