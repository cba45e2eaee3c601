# SPDX-License-Identifier: EUPL-1.2
"""A chain as plain content: what is read of it, and which single places are refused."""

import copy
import itertools
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidFile
from models.occupancy.reading import read_chain, to_mapping
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    Measured,
    Measurement,
    Parameter,
    Route,
    Title,
    Unit,
)
from tests.models.occupancy.contents import ARRIVALS, faults_of, harbour, part

GO, GRANTED = ("parameters", "go"), ("parameters", "granted")
ROOMS = ("bottlenecks", "rooms")
INTAKE, WAITING, REFUSED = (("compartments", name) for name in ("intake", "waiting", "refused"))
STOCK, FLOW = ("measurements", "harbour.waiting"), ("measurements", "harbour.housed")
OF_STOCK, OF_FLOW = 'measurements."harbour.waiting"', 'measurements."harbour.housed"'
ENTRY = ("entries", ARRIVALS)

WRONG = [
    (GO, "median", -0.8, "parameters.go.median", "must be greater than 0."),
    (GO, "median", math.nan, "parameters.go.median", "must be a finite number below 1e+12."),
    (GO, "median", math.inf, "parameters.go.median", "must be a finite number below 1e+12."),
    (GO, "median", 10**400, "parameters.go.median", "must be a finite number below 1e+12."),
    (GO, "median", "0.8", "parameters.go.median", "must be a number."),
    (GO, "median", True, "parameters.go.median", "must be a number."),
    (
        GRANTED,
        "median",
        1.0,
        "parameters.granted.median",
        "must lie between 0 and 1 and be neither.",
    ),
    (GO, "spread", -0.1, "parameters.go.spread", "must not be negative."),
    (GO, "drift", -0.1, "parameters.go.drift", "must not be negative."),
    (GO, "noise", -0.1, "parameters.go.noise", "must not be negative."),
    (GO, "half_life", 0, "parameters.go.half_life", "must be greater than 0."),
    (
        GO,
        "basis",
        "guess",
        "parameters.go.basis",
        "must be one of published, measured, assumption.",
    ),
    (
        GO,
        "basis",
        ["published"],
        "parameters.go.basis",
        "must be one of published, measured, assumption.",
    ),
    (GO, "owner", " ", "parameters.go.owner", "must be a text that is not empty."),
    (GO, "reason", 3, "parameters.go.reason", "must be a text that is not empty."),
    (
        GO,
        "unit",
        "month",
        "parameters.go.unit",
        "must be one of 1/month, persons/month, ratio, share.",
    ),
    (GO, "halflife", 9, "parameters.go.halflife", "is not known here."),
    (ROOMS, "reference", -500, "bottlenecks.rooms.reference", "must be greater than 0."),
    (ROOMS, "response", 1.5, "bottlenecks.rooms.response", "must lie between 0 and 1."),
    (ROOMS, "partner", "", "bottlenecks.rooms.partner", "must be a text that is not empty."),
    (ROOMS, "title", {"nl": "kamers"}, "bottlenecks.rooms.title.en", "is missing."),
    (ROOMS, "title", "kamers", "bottlenecks.rooms.title", "must be a table."),
    (INTAKE, "hazard", -1, "compartments.guest/intake.hazard", "must be greater than 0."),
    (INTAKE, "hazard", [], "compartments.guest/intake.hazard", "number or the name of a parameter"),
    (INTAKE, "hazrd", 1, "compartments.guest/intake.hazrd", "is not known here."),
    (INTAKE, "leave", {"out": 1}, "compartments.guest/intake.leave", "must be a list of pairs."),
    (
        REFUSED,
        "leave",
        [["intake", 1.25], ["out", "rest"]],
        "compartments.guest/refused.leave.intake",
        "must lie between 0 and 1.",
    ),
    (WAITING, "after", 1.5, "compartments.guest/waiting.after", "must be a whole number from 0"),
    (WAITING, "after", -1, "compartments.guest/waiting.after", "must be a whole number from 0"),
    (REFUSED, "profile", [[1, 0.5]], "compartments.guest/refused.profile", "begin at 0 months"),
    (
        REFUSED,
        "profile",
        [[0, 0.5], [3, 1], [2, 1]],
        "compartments.guest/refused.profile",
        "must begin at 0 months and rise.",
    ),
    (REFUSED, "profile", [[0, -1]], "compartments.guest/refused.profile", "must not be negative."),
    (REFUSED, "profile", [["0", 1]], "compartments.guest/refused.profile", "pairs of whole months"),
    (REFUSED, "profile", [0, 1], "compartments.guest/refused.profile", "must be a list of pairs."),
    (ENTRY, "ratio", 0, f'entries."{ARRIVALS}".ratio', "must be greater than 0."),
    (
        ENTRY,
        "into",
        [[1, 1]],
        f'entries."{ARRIVALS}".into',
        "must hold pairs of a name and a share",
    ),
    (STOCK, "measured", "level", f"{OF_STOCK}.measured", "must be one of stock, flow, value."),
    (FLOW, "measured", "level", f"{OF_FLOW}.measured", "must be one of stock, flow, value."),
    (STOCK, "error", 0, f"{OF_STOCK}.error", "must be greater than 0."),
    (STOCK, "factor", -1, f"{OF_STOCK}.factor", "must be greater than 0."),
    (STOCK, "stages", "waiting", f"{OF_STOCK}.stages", "must be a list of names."),
    (FLOW, "months", 0, f"{OF_FLOW}.months", "must be a whole number from 1 to 120."),
    (FLOW, "routes", [["waiting", 3]], f"{OF_FLOW}.routes", "must hold pairs of stages."),
    (None, "months_tracked", 1, "months_tracked", "must be a whole number from 2 to 240."),
    (None, "chain_id", None, "chain_id", "must be a text that is not empty."),
    (None, "title", {"nl": "Haven"}, "title.en", "is missing."),
    (None, "title", {"nl": "", "en": "Harbour"}, "title.nl", "must be a text that is not empty."),
    (None, "groups", {"guest": {}}, "groups", "must be a list of tables."),
    (None, "parts", [], "parts", "is not known here."),
]


class TestReadChain:
    def test_takes_a_sound_chain(self):
        chain = read_chain(harbour(), name="harbour.toml")

        assert list(chain.stages) == ["intake", "waiting", "refused"]
        assert chain.parameter("capacity").median == 90.0
        assert chain.compartments[0].leave == (
            Route(to="waiting", share="granted"),
            Route(to="refused", share=None),
        )
        assert chain.compartments[2].profile == ((0, 0.5), (3, 1.0))
        assert chain.compartments[2].leave[1] == Route(to=None, share=0.75)
        assert chain.inflows == (ARRIVALS,)
        assert chain.measurements[1].routes == (("waiting", None),)

    @pytest.mark.parametrize(("table", "key", "value", "place", "reason"), WRONG)
    def test_refuses_a_place_that_cannot_stand(self, table, key, value, place, reason):
        content = harbour()
        (content if table is None else part(content, *table))[key] = value

        found = faults_of(content)

        assert [where for where, _ in found] == [place]
        assert reason in found[0][1]

    @pytest.mark.parametrize(
        ("table", "key"),
        [
            (None, "chain_id"),
            (None, "title"),
            (None, "months_tracked"),
            (GO, "unit"),
            (GO, "median"),
            (GO, "spread"),
            (GO, "basis"),
            (GO, "owner"),
            (GO, "reason"),
            (ROOMS, "title"),
            (ROOMS, "capacity"),
            (ROOMS, "response"),
            (ROOMS, "reference"),
            (ROOMS, "partner"),
            (ENTRY, "ratio"),
            (STOCK, "measured"),
            (STOCK, "error"),
            (STOCK, "basis"),
            (STOCK, "owner"),
            (STOCK, "reason"),
        ],
    )
    def test_names_a_key_that_is_missing(self, table, key):
        content = harbour()
        del (content if table is None else part(content, *table))[key]

        missing = [where for where, reason in faults_of(content) if reason == "is missing."]

        assert [where.rpartition(".")[2] for where in missing] == [key]

    @pytest.mark.parametrize("key", ["groups", "stages", "parameters", "compartments", "entries"])
    def test_says_once_that_a_whole_list_is_missing(self, key):
        content = harbour()
        del content[key]

        assert (key, "is missing.") in faults_of(content)
        assert len([where for where, _ in faults_of(content) if where == key]) == 1

    @pytest.mark.parametrize("key", ["groups", "stages", "parameters", "bottlenecks"])
    def test_names_what_stands_twice(self, key):
        content = harbour()
        content[key].append(copy.deepcopy(content[key][0]))
        name = content[key][0]["name"]

        assert faults_of(content) == [(key, f"holds {name} twice.")]

    @pytest.mark.parametrize(
        ("key", "name"),
        [
            ("compartments", "guest/intake"),
            ("entries", ARRIVALS),
            ("measurements", "harbour.waiting"),
        ],
    )
    def test_names_a_place_an_inflow_and_a_figure_that_stand_twice(self, key, name):
        content = harbour()
        content[key].append(copy.deepcopy(content[key][0]))

        assert faults_of(content) == [(key, f"holds {name} twice.")]

    @pytest.mark.parametrize("nameless", [{"title": {}}, {"name": 3}, {"name": ""}, "guest"])
    def test_counts_a_table_that_has_no_name(self, nameless):
        content = harbour()
        content["groups"].append(nameless)

        assert faults_of(content) == [("groups.2", "must be a table with name.")]

    def test_wants_no_owner_for_what_is_published_but_always_a_reason(self):
        content = harbour()
        published = part(content, *GO) | {"basis": "published"}
        del published["owner"]
        content["parameters"][1] = published

        assert faults_of(content) == []

        del published["reason"]
        assert faults_of(content) == [("parameters.go.reason", "is missing.")]

    def test_names_every_fault_at_once(self):
        content = harbour()
        part(content, *GO)["median"] = math.inf
        part(content, *GRANTED)["spread"] = -1
        part(content, *ROOMS)["capacity"] = "beds"
        part(content, *INTAKE)["leave"] = [["waiting", 0.5], ["refused", 0.6]]
        part(content, *WAITING)["aftr"] = 2
        part(content, *FLOW)["groups"] = ["sailor"]
        content["title"] = {"nl": "Haven", "de": "Hafen"}

        assert {place for place, _ in faults_of(content)} == {
            "title.en",
            "title.de",
            "parameters.go.median",
            "parameters.granted.spread",
            "parameters.granted",
            "parameters.capacity",
            "bottlenecks.rooms.capacity",
            "compartments.guest/intake.leave",
            "compartments.guest/waiting.aftr",
            f"{OF_FLOW}.groups",
        }

    def test_says_in_one_sentence_where_the_first_fault_is_and_how_many_follow(self):
        content = harbour()
        part(content, *GO).update(median=-1, spread=-1)

        with pytest.raises(InvalidFile) as refused:
            read_chain(content, name="harbour.toml")

        assert str(refused.value) == (
            "harbour.toml: column 'parameters.go.median': must be greater than 0. (and 1 more)"
        )

    @pytest.mark.parametrize("content", [[], "chain", 3, None])
    def test_refuses_what_is_no_table_at_all(self, content):
        assert (None, "must be a table.") in faults_of(content)


names = st.sampled_from(["a", "guest", "crew_2", "z9", "permit_holder", "b_"])
texts = st.sampled_from(["x", "wacht op woning", "één", "a.b/c", "rest", '"', "1e3"])
titles = st.builds(Title, nl=texts, en=texts)
positive = st.floats(1e-6, 1e9)
shares = st.floats(0.01, 0.99)
grounds = st.fixed_dictionaries(
    {
        "basis": st.sampled_from(["published", "measured", "assumption"]),
        "owner": texts,
        "reason": texts,
    }
)


@st.composite
def chains(draw):
    """Sound chains of one to three groups and stages, all the ways of which lead on and out."""
    groups = draw(st.dictionaries(names, titles, min_size=1, max_size=2))
    stages = draw(st.dictionaries(names, titles, min_size=1, max_size=3))
    fresh = (f"part_{number}" for number in itertools.count())
    parameters, bottlenecks = [], []

    def parameter(unit):
        name = next(fresh)
        parameters.append(
            Parameter(
                name=name,
                unit=unit,
                median=draw(shares if unit is Unit.SHARE else positive),
                spread=draw(st.floats(0, 5)),
                drift=draw(st.floats(0, 1)),
                half_life=draw(positive),
                noise=draw(st.floats(0, 1)),
                **draw(grounds),
            )
        )
        return name

    def routes(onward):
        if onward is None:
            return (Route(to=None, share=None),)
        share = draw(shares) if draw(st.booleans()) else parameter(Unit.SHARE)
        ways = (Route(to=None, share=None), Route(to=onward, share=share))
        return ways if draw(st.booleans()) else ways[::-1]

    tracked = draw(st.integers(2, 60))
    order = list(stages)
    queues = {}
    for stage in order:
        if draw(st.booleans()):
            name = next(fresh)
            queues[stage] = name
            bottlenecks.append(
                Bottleneck(
                    name=name,
                    title=draw(titles),
                    capacity=parameter(Unit.PERSONS_PER_MONTH),
                    response=draw(st.floats(0, 1)),
                    reference=draw(positive),
                    partner=draw(texts),
                )
            )
    compartments = []
    for group in groups:
        for stage, onward in zip(order, [*order[1:], None], strict=True):
            hazard = stage not in queues or draw(st.booleans())
            rises = sorted(draw(st.sets(st.integers(1, tracked - 1), max_size=2)))
            compartments.append(
                Compartment(
                    group=group,
                    stage=stage,
                    hazard=draw(positive) if hazard else None,
                    profile=((0, 1.0), *((month, draw(positive)) for month in rises if hazard)),
                    leave=routes(onward) if hazard else (),
                    bottleneck=queues.get(stage),
                    after=draw(st.integers(0, tracked - 1)) if stage in queues else 0,
                    served=routes(onward) if stage in queues else (),
                )
            )
    entries = [
        Entry(
            inflow=f"{draw(texts)}.{group}",
            ratio=parameter(Unit.RATIO),
            into=(Into(group=group, stage=order[0], share=None),),
        )
        for group in groups
    ]
    measurements = [
        Measurement(
            series_id=f"{group}.stock",
            measured=Measured.STOCK,
            groups=(group,),
            stages=(order[-1],),
            factor=draw(positive),
            error=draw(positive),
            **draw(grounds),
        )
        for group in groups
    ]
    return ChainSpecification(
        chain_id=draw(names),
        title=draw(titles),
        months_tracked=tracked,
        groups=groups,
        stages=stages,
        parameters=tuple(parameters),
        compartments=tuple(compartments),
        bottlenecks=tuple(bottlenecks),
        entries=tuple(entries),
        measurements=tuple(measurements),
    )


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places_in(content):
    """Every place of a content, as the container and the key in it."""
    if isinstance(content, dict | list):
        for key in content if isinstance(content, dict) else range(len(content)):
            yield content, key
            yield from places_in(content[key])


class TestLaws:
    @settings(max_examples=60)
    @given(chain=chains())
    def test_a_chain_that_was_written_is_read_as_the_same_chain(self, chain):
        assert read_chain(to_mapping(chain), name="x") == chain

    @settings(max_examples=60)
    @given(chain=chains())
    def test_a_chain_survives_json_with_sorted_keys(self, chain):
        content = json.loads(json.dumps(to_mapping(chain), sort_keys=True))

        read = read_chain(content, name="x")

        assert read == chain
        assert list(read.stages) == list(chain.stages)

    @settings(max_examples=300)
    @given(number=st.integers(0, 10_000), value=anything)
    def test_whatever_stands_in_one_place_is_read_or_refused_and_never_breaks(self, number, value):
        content = harbour()
        places = list(places_in(content))
        container, key = places[number % len(places)]
        container[key] = value

        assert all(reason.endswith(".") for _, reason in faults_of(content))

    @settings(max_examples=100)
    @given(number=st.integers(0, 10_000))
    def test_whatever_is_left_out_is_not_needed_or_said(self, number):
        content = harbour()
        places = list(places_in(content))
        container, key = places[number % len(places)]
        del container[key]

        assert all(reason.endswith(".") for _, reason in faults_of(content))
