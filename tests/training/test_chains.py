# SPDX-License-Identifier: EUPL-1.2
"""Chain files: those that Getij comes with, and one that another agency wrote."""

import json
import re
from itertools import chain as joined
from pathlib import Path

import numpy as np
import pytest
from hatchling.builders.wheel import WheelBuilder

from models.errors import InvalidFile
from models.occupancy.chain import Chain
from models.occupancy.reading import read_chain, to_mapping
from models.occupancy.simulation import ChainState, simulate
from models.occupancy.specification import Measured
from models.periods import Frequency
from training.chains import dutch_chain, read_chain_file, single_stage_chain
from training.chains.files import LARGEST
from training.sources.reference.tables import definitions, read_table

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {"nl": dutch_chain, "single_stage": single_stage_chain}

MONTHS_OF = {
    Frequency.MONTH: 1,
    Frequency.QUARTER: 3,
    Frequency.HALF_YEAR: 6,
    Frequency.YEAR: 12,
}


@pytest.fixture(scope="module")
def catalogue():
    return {entry.series_id: entry for entry in definitions()}


@pytest.fixture
def write(tmp_path):
    def written(content):
        path = tmp_path / "chain.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def documented():
    """The example of docs/chain-specification.md, in one piece."""
    text = (ROOT / "docs" / "chain-specification.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```toml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


def empty(chain, paths):
    """Nobody inside, every parameter at its median."""
    medians = [part.inward(part.median) for part in chain.specification.parameters]
    inward = np.repeat(np.array(medians)[:, None], paths, axis=1)
    return ChainState(cohorts=np.zeros((*chain.shape, paths)), inward=inward, levels=inward)


def walk(specification, arrivals, *, months=36, paths=5):
    """What comes of steady arrivals, by entry [persons/month]."""
    chain = Chain(specification)
    steady = np.broadcast_to(
        np.array(arrivals, dtype=float)[:, None, None], (len(arrivals), paths, months)
    )
    return simulate(
        chain, empty(chain, paths), arrivals=steady.copy(), rng=np.random.default_rng(4)
    )


def refusal(path):
    with pytest.raises(InvalidFile) as refused:
        read_chain_file(path)
    return refused.value


class TestShippedChains:
    @pytest.mark.parametrize("name", SHIPPED)
    def test_are_the_files_in_the_wheel(self, name):
        shipped = {
            file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()
        }

        assert f"training/chains/{name}.toml" in shipped
        assert read_chain_file(ROOT / "training" / "chains" / f"{name}.toml") == SHIPPED[name]()

    @pytest.mark.parametrize("name", SHIPPED)
    def test_survive_an_artefact_whose_keys_are_sorted(self, name):
        content = json.dumps(to_mapping(SHIPPED[name]()), sort_keys=True)

        assert read_chain(json.loads(content), name=name) == SHIPPED[name]()

    @pytest.mark.parametrize("name", SHIPPED)
    def test_say_who_answers_for_every_assumption_and_why(self, name):
        chain = SHIPPED[name]()
        for part in joined(chain.parameters, chain.measurements):
            assert part.owner == "Getij maintainers"
            assert len(part.reason) > 40

    @pytest.mark.parametrize(
        ("name", "arrivals"), [("nl", [2700, 130, 950]), ("single_stage", [8])]
    )
    def test_run_and_lose_nobody(self, name, arrivals):
        paths = walk(SHIPPED[name](), arrivals)

        left = sum(paths.left.values())
        balance = np.cumsum(paths.entered - left, axis=1)
        np.testing.assert_allclose(paths.total, balance, rtol=1e-9)
        assert (paths.persons >= 0).all()


class TestTheDutchChain:
    def test_is_fed_by_and_measured_by_series_of_the_catalogue(self, catalogue):
        chain = dutch_chain()
        measured = {part.series_id for part in chain.measurements}

        assert set(chain.inflows) <= catalogue.keys()
        assert measured <= catalogue.keys()
        assert {catalogue[series_id].frequency for series_id in chain.inflows} == {Frequency.MONTH}

    def test_takes_each_figure_for_the_period_that_it_counts(self, catalogue):
        for part in dutch_chain().measurements:
            frequency = catalogue[part.series_id].frequency
            if part.measured is Measured.STOCK:
                assert frequency is Frequency.DATED
            elif frequency is not Frequency.DATED:
                assert part.months == MONTHS_OF[frequency]

    def test_takes_percentages_for_shares_and_persons_for_persons(self, catalogue):
        for part in dutch_chain().measurements:
            percent = catalogue[part.series_id].unit == "percent"
            assert part.factor == (0.01 if percent else 1.0)
            assert percent == (part.measured is Measured.VALUE)

    def test_leaves_the_need_to_its_own_definitions(self):
        for part in dutch_chain().measurements:
            if part.measured is Measured.STOCK:
                assert part.groups or part.stages

    def test_lets_those_in_steadily_whom_no_monthly_series_counts(self, catalogue):
        steady = [part for part in dutch_chain().entries if part.inflow is None]

        assert catalogue["nl.inflow.resettled"].frequency is Frequency.YEAR
        assert [to.group for part in steady for to in part.into] == ["resettled"]

    def test_rests_on_permits_that_are_the_decisions_less_the_rejections(self):
        figures = {
            row["series_id"]: float(row["value"])
            for row in read_table("decisions")
            if row["period"] == "2023-01-01"
        }

        granted = (
            figures["nl.decisions.first_instance"] - figures["nl.decisions.first_instance.rejected"]
        )
        assert figures["nl.decisions.granted"] == granted

    def test_settles_where_the_figures_of_its_reasons_lie(self):
        inside = walk(dutch_chain(), [2700, 130, 950], months=120, paths=200)
        total = float(np.median(inside.total[:, -1]))

        # 45,640 came in over 2024; between 57,538 and 72,610 were entitled around that year.
        assert 30_000 < total < 75_000


class TestReadChainFile:
    def test_takes_the_example_of_the_documentation_and_runs_it(self, write):
        chain = read_chain_file(write(documented()))

        paths = walk(chain, [40.0], months=60, paths=200)

        assert chain.bottlenecks == ()
        assert list(chain.stages) == ["shelter", "transit"]
        # Forty a month come; what goes in must come out, once the shelter has filled.
        leaving = sum(paths.left.values())[:, -1].mean()
        assert leaving == pytest.approx(paths.entered[:, -1].mean(), rel=0.2)

    def test_reads_a_byte_order_mark_for_what_it_is(self, write):
        assert read_chain_file(write(b"\xef\xbb\xbf" + documented().encode())).groups

    def test_refuses_a_file_that_is_not_there_or_no_file(self, tmp_path):
        assert "does not exist" in str(refusal(tmp_path / "none.toml"))
        assert "cannot be read" in str(refusal(tmp_path))

    @pytest.mark.parametrize(
        ("content", "line", "reason"),
        [
            (b'chain_id = "x"\ntitle = \n', 2, "is no TOML: Invalid value."),
            (b'chain_id = "x"\n[a]\n[a]\n', 3, "is no TOML: Cannot declare ('a',) twice."),
            (b'\nchain_id = "x"\nchain_id = "y"\n', 3, "is no TOML: Cannot overwrite a value."),
            (b'chain_id = "x"\ntitle = "', 2, "is no TOML: Unterminated string."),
            (b'chain_id = "x"\ntitle = "\xe9"\n', 2, "is not UTF-8 text."),
        ],
    )
    def test_names_the_line_that_is_no_toml(self, write, content, line, reason):
        (fault,) = refusal(write(content)).faults

        assert (fault.line, fault.reason) == (line, reason)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"a = " + b"[" * 5000, "nests too deeply."),
            (b"a = " + b"9" * 5000, "holds a number that is too long."),
            (b"#" * (LARGEST + 1), f"is larger than {LARGEST} bytes."),
        ],
    )
    def test_refuses_what_no_chain_needs(self, write, content, reason):
        (fault,) = refusal(write(content)).faults

        assert fault.reason == reason

    def test_names_the_file_and_every_fault_of_a_wrong_chain(self, write):
        spoilt = (
            documented().replace("median = 0.25", "median = -0.25").replace("en = ", "de = ", 1)
        )

        refused = refusal(write(spoilt))

        assert refused.file == "chain.toml"
        places = [fault.column for fault in refused.faults]
        assert places == ["title.en", "title.de", "parameters.leave_shelter.median"]
