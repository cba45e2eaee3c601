# SPDX-License-Identifier: EUPL-1.2
"""`getij pool` and what `getij train` makes of a pool, through the real command line."""

import json
from hashlib import sha256

import pytest

from tests.service.cli.test_commands import getij, here

MONTHLY = "data/eurostat_asylum_applicants_monthly.csv"


class TestPool:
    def test_makes_the_same_file_twice_and_train_uses_it(self, tmp_path, shared):
        made = [tmp_path / "one.json", tmp_path / "two.json"]
        for out in made:
            done = getij("pool", shared / MONTHLY, "--out", out, home=tmp_path)
            assert done.returncode == 0, done.stderr

        one, two = (json.loads(out.read_bytes()) for out in made)
        assert one["parameters"] == two["parameters"]
        trained = here("train", "--pool", made[0], home=tmp_path)
        assert trained.exit_code == 0, trained.stderr
        (manifest,) = [
            json.loads(path.read_bytes())
            for path in tmp_path.rglob("*.json")
            if path.parent != tmp_path and b'"past_cutoffs"' in path.read_bytes()
        ]
        assert manifest["parameters"]["pool"]["until"] == "2019-04"
        assert min(manifest["parameters"]["past_cutoffs"]) > "2019-04"

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("train", "--pool", "absent.json"), "there is no such file"),
            (("train", "--pool", "spoilt.json"), "spoilt.json"),
            (("train", "--pool", "spoilt.json", "--panel", "few.csv"), "not both"),
            (("train", "--panel", "few.csv"), "too few figures"),
            (("pool", "few.csv", "--out", "pool.json"), "too few figures"),
        ],
    )
    def test_ends_with_one_sentence_when_there_is_nothing_to_learn_from(
        self, tmp_path, arguments, sentence
    ):
        (tmp_path / "spoilt.json").write_text('{"manifest": 1}', encoding="utf-8")
        rows = [f"a,2015-{month:02}-01,{100 + month}" for month in range(1, 13)]
        (tmp_path / "few.csv").write_text(
            "\n".join(["series_id,period,persons", *rows]), encoding="utf-8"
        )
        before = sha256((tmp_path / "few.csv").read_bytes()).hexdigest()
        placed = [
            tmp_path / part if part.endswith((".json", ".csv")) else part for part in arguments
        ]

        done = here(*placed, home=tmp_path)

        assert done.exit_code == 2
        assert sentence in done.stderr
        assert not (tmp_path / "pool.json").exists()
        assert sha256((tmp_path / "few.csv").read_bytes()).hexdigest() == before
