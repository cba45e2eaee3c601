# SPDX-License-Identifier: EUPL-1.2
"""A chain whose every place can be read but whose parts do not fit: each misfit by name."""

import pytest

from tests.models.occupancy.contents import ARRIVALS, faults_of, harbour, part

OF_ENTRY = f'entries."{ARRIVALS}"'
OF_STOCK, OF_FLOW = 'measurements."harbour.waiting"', 'measurements."harbour.housed"'
OF_VALUE = 'measurements."harbour.granted"'


@pytest.fixture
def content():
    return harbour()


def intake(content):
    return part(content, "compartments", "intake")


def waiting(content):
    return part(content, "compartments", "waiting")


def refused(content):
    return part(content, "compartments", "refused")


class TestTheSoundChain:
    def test_has_no_fault_though_some_come_back_to_intake(self, content):
        assert ["intake", 0.25] in refused(content)["leave"]
        assert faults_of(content) == []


class TestNames:
    @pytest.mark.parametrize("kind", ["groups", "stages", "parameters", "bottlenecks"])
    @pytest.mark.parametrize("name", ["Guest", "1st", "a b", "a/b", "a.b", "é"])
    def test_hold_small_letters_digits_and_underscores(self, content, kind, name):
        content[kind].append({**content[kind][0], "name": name})

        assert any(name in place and "must begin" in reason for place, reason in faults_of(content))

    def test_of_the_chain_is_held_to_the_same(self, content):
        content["chain_id"] = "the harbour"

        ((place, _),) = faults_of(content)
        assert place == "chain_id"

    def test_do_not_stand_for_something_else(self, content):
        content["stages"].append({**content["stages"][0], "name": "out"})

        assert ("stages.out", "is a word that means something else.") in faults_of(content)

    @pytest.mark.parametrize("kind", ["groups", "stages"])
    def test_of_groups_and_stages_have_a_compartment(self, content, kind):
        content[kind].append({**content[kind][0], "name": "sauna"})

        assert faults_of(content) == [(f"{kind}.sauna", "has no compartment.")]

    @pytest.mark.parametrize("kind", ["groups", "stages", "parameters", "compartments", "entries"])
    def test_are_at_least_one(self, content, kind):
        content[kind] = []

        assert (kind, "needs at least one.") in faults_of(content)


class TestParameters:
    def test_are_declared_before_they_are_named(self, content):
        intake(content)["hazard"] = "hurry"

        assert faults_of(content) == [
            ("compartments.guest/intake.hazard", "names 'hurry', which is no parameter."),
            ("parameters.go", "is declared but never used."),
        ]

    def test_are_not_declared_for_nothing(self, content):
        content["parameters"].append({**content["parameters"][0], "name": "spare"})

        assert faults_of(content) == [("parameters.spare", "is declared but never used.")]

    @pytest.mark.parametrize(
        ("name", "unit", "use", "needed"),
        [
            ("go", "ratio", "compartments.guest/intake.hazard", "1/month"),
            ("granted", "1/month", "compartments.guest/intake.leave.waiting", "share"),
            ("capacity", "1/month", "bottlenecks.rooms.capacity", "persons/month"),
            ("entry", "persons/month", f"{OF_ENTRY}.ratio", "ratio"),
        ],
    )
    def test_have_the_unit_of_their_use(self, content, name, unit, use, needed):
        part(content, "parameters", name)["unit"] = unit

        assert faults_of(content) == [
            (f"parameters.{name}.unit", f"is {unit}, but {use} needs {needed}.")
        ]

    def test_may_be_a_response_or_a_share_of_those_who_enter(self, content):
        part(content, "bottlenecks", "rooms")["response"] = "granted"
        content["entries"][0]["into"] = [["guest/waiting", "granted"], ["guest/intake", "rest"]]

        assert faults_of(content) == []


class TestShares:
    @pytest.mark.parametrize(
        ("leave", "reason"),
        [
            ([["intake", 0.25], ["out", 0.5]], "has fixed shares that add to 0.75, not to one."),
            ([["intake", 0.5], ["out", 0.6]], "has fixed shares that add to 1.1, not to one."),
            ([["intake", 0.8], ["waiting", 0.3], ["out", "rest"]], "add to 1.1, not to one."),
            ([["intake", "rest"], ["out", "rest"]], "has more than one rest."),
            ([["intake", "granted"], ["out", 0.4]], "only if one of them is the rest."),
            ([["out", 0.5], ["out", "rest"]], "names out twice."),
        ],
    )
    def test_add_up_to_one(self, content, leave, reason):
        refused(content)["leave"] = leave

        ((place, said),) = faults_of(content)
        assert place == "compartments.guest/refused.leave"
        assert said.endswith(reason)

    def test_of_those_who_enter_add_up_to_one(self, content):
        content["entries"][0]["into"] = [["guest/intake", 0.7], ["guest/waiting", 0.2]]

        assert faults_of(content) == [
            (f"{OF_ENTRY}.into", "has fixed shares that add to 0.9, not to one.")
        ]

    def test_of_a_third_each_are_one(self, content):
        third = 1 / 3
        refused(content)["leave"] = [["intake", third], ["waiting", third], ["out", third]]

        assert faults_of(content) == []


class TestCompartments:
    def test_are_of_a_group_and_in_a_stage_that_there_are(self, content):
        content["compartments"].append({**waiting(content), "group": "sailor", "stage": "bar"})

        assert faults_of(content)[:2] == [
            ("compartments.sailor/bar", "is of 'sailor', which is no group."),
            ("compartments.sailor/bar", "is in 'bar', which is no stage."),
        ]

    def test_are_left_by_a_hazard_or_a_bottleneck(self, content):
        for key in ("hazard", "profile", "leave"):
            del refused(content)[key]

        assert faults_of(content) == [
            (
                "compartments.guest/refused.bottleneck",
                "is missing, and so is hazard: nobody would ever leave.",
            )
        ]

    @pytest.mark.parametrize(
        ("of", "key", "reason"),
        [
            (waiting, "served", "is missing, though there is bottleneck."),
            (intake, "leave", "is missing, though there is hazard."),
        ],
    )
    def test_say_where_those_go_who_leave(self, content, of, key, reason):
        del of(content)[key]

        found = dict(faults_of(content))

        assert found[f"compartments.guest/{of(content)['stage']}.{key}"] == reason

    @pytest.mark.parametrize(
        ("of", "key", "value", "reason"),
        [
            (waiting, "leave", [["out", "rest"]], "hazard: is missing, though there is leave."),
            (waiting, "profile", [[0, 2]], "profile: needs a hazard."),
            (intake, "served", [["out", 1]], "bottleneck: is missing, though there is served."),
            (intake, "after", 2, "after: needs a bottleneck."),
            (waiting, "after", 12, "after: is not below the 12 months tracked."),
            (
                refused,
                "profile",
                [[0, 1], [12, 2]],
                "profile: goes on after the 12 months tracked.",
            ),
        ],
    )
    def test_hold_nothing_that_belongs_to_something_else(self, content, of, key, value, reason):
        of(content)[key] = value
        place = f"compartments.guest/{of(content)['stage']}"

        assert [f"{where}: {said}" for where, said in faults_of(content)] == [f"{place}.{reason}"]

    def test_lead_to_compartments_that_there_are(self, content):
        refused(content)["leave"] = [["home", 0.25], ["out", 0.75]]

        assert faults_of(content) == [
            (
                "compartments.guest/refused.leave.home",
                "leads to guest/home, which is no compartment.",
            )
        ]

    def test_are_entered_only_where_they_are(self, content):
        content["entries"][0]["into"] = [["guest/lobby", 0.5], ["guest/intake", 0.5]]

        assert faults_of(content) == [(f"{OF_ENTRY}.into.guest/lobby", "is no compartment.")]

    def test_must_be_said_of_every_entry(self, content):
        content["entries"][0]["into"] = []

        assert faults_of(content) == [(f"{OF_ENTRY}.into", "needs at least one compartment.")]


class TestBottlenecks:
    def test_are_there_when_they_are_named(self, content):
        waiting(content)["bottleneck"] = "beds"

        assert faults_of(content) == [
            ("compartments.guest/waiting.bottleneck", "names 'beds', which is no bottleneck."),
            ("bottlenecks.rooms", "serves no compartment."),
        ]

    def test_serve_one_stage_for_each_stage_would_get_the_whole_capacity(self, content):
        intake(content).update(bottleneck="rooms", served=[["out", "rest"]])

        assert faults_of(content) == [
            ("bottlenecks.rooms", "serves several stages: intake, waiting.")
        ]

    def test_name_their_capacity(self, content):
        part(content, "bottlenecks", "rooms")["capacity"] = -5

        assert faults_of(content) == [
            ("bottlenecks.rooms.capacity", "must be a text that is not empty.")
        ]


class TestWays:
    def test_a_compartment_that_nobody_can_reach_is_named(self, content):
        intake(content)["leave"] = [["waiting", "granted"], ["out", "rest"]]

        assert faults_of(content) == [("compartments.guest/refused", "can never be reached.")]

    def test_a_way_with_no_share_leads_nowhere(self, content):
        refused(content)["leave"] = [["intake", 0.0], ["out", 1.0]]
        intake(content)["leave"] = [["refused", 0.0], ["waiting", "granted"], ["out", "rest"]]

        assert faults_of(content) == [("compartments.guest/refused", "can never be reached.")]

    def test_an_absorbing_loop_is_named_by_its_stages(self, content):
        refused(content)["leave"] = [["refused", 0.5], ["intake", 0.5]]
        intake(content)["leave"] = [["refused", "granted"], ["waiting", "rest"]]
        waiting(content)["served"] = [["intake", 0.5], ["refused", 0.5]]
        content["measurements"] = []
        reason = (
            "is an absorbing loop: who comes to intake, waiting, refused never leaves reception."
        )

        assert faults_of(content) == [("compartments.guest/intake", reason)]

    def test_a_loop_of_two_is_told_from_those_who_still_get_out(self, content):
        content["stages"].append({**content["stages"][0], "name": "appeal"})
        refused(content)["leave"] = [["appeal", "rest"], ["out", 0.0]]
        content["compartments"].append(
            {"group": "guest", "stage": "appeal", "hazard": 1, "leave": [["refused", "rest"]]}
        )

        assert faults_of(content) == [
            (
                "compartments.guest/refused",
                "is an absorbing loop: who comes to refused, appeal never leaves reception.",
            )
        ]

    def test_a_rest_of_nothing_is_no_way_out(self, content):
        refused(content)["leave"] = [["refused", 1.0], ["out", "rest"]]

        ((place, reason),) = faults_of(content)
        assert (place, "absorbing" in reason) == ("compartments.guest/refused", True)

    def test_nobody_gets_out_whose_hazard_ends_in_nothing(self, content):
        refused(content)["profile"] = [[0, 1.0], [3, 0.0]]

        ((place, reason),) = faults_of(content)
        assert (place, "absorbing" in reason) == ("compartments.guest/refused", True)

    def test_a_hazard_that_begins_with_nothing_is_a_way_out(self, content):
        refused(content)["profile"] = [[0, 0.0], [3, 1.0]]

        assert faults_of(content) == []


class TestMeasurements:
    @pytest.mark.parametrize(
        ("series_id", "key", "value", "fault"),
        [
            ("harbour.waiting", "months", 3, f"{OF_STOCK}.months: does not belong to a stock."),
            (
                "harbour.waiting",
                "routes",
                [["waiting", "out"]],
                f"{OF_STOCK}.routes: does not belong to a stock.",
            ),
            (
                "harbour.waiting",
                "parameter",
                "go",
                f"{OF_STOCK}.parameter: does not belong to a stock.",
            ),
            (
                "harbour.housed",
                "stages",
                ["waiting"],
                f"{OF_FLOW}.stages: does not belong to a flow.",
            ),
            (
                "harbour.granted",
                "groups",
                ["guest"],
                f"{OF_VALUE}.groups: does not belong to a value.",
            ),
            (
                "harbour.waiting",
                "groups",
                ["sailor"],
                f"{OF_STOCK}.groups: names 'sailor', which is no group.",
            ),
            (
                "harbour.waiting",
                "stages",
                ["bar"],
                f"{OF_STOCK}.stages: names 'bar', which is no stage.",
            ),
            (
                "harbour.waiting",
                "stages",
                ["waiting", "waiting"],
                f"{OF_STOCK}.stages: names 'waiting' twice.",
            ),
            (
                "harbour.granted",
                "parameter",
                "luck",
                f"{OF_VALUE}.parameter: names 'luck', which is no parameter.",
            ),
            (
                "harbour.housed",
                "routes",
                [["refused", "waiting"]],
                f"{OF_FLOW}.routes: names refused to waiting, a way that nobody goes.",
            ),
            (
                "harbour.housed",
                "routes",
                [["waiting", "out"], ["waiting", "out"]],
                f"{OF_FLOW}.routes: names waiting to out twice.",
            ),
        ],
    )
    def test_are_of_what_the_chain_has(self, content, series_id, key, value, fault):
        part(content, "measurements", series_id)[key] = value

        assert [f"{where}: {reason}" for where, reason in faults_of(content)] == [fault]

    @pytest.mark.parametrize(
        ("series_id", "key", "place"),
        [
            ("harbour.housed", "months", f"{OF_FLOW}.months"),
            ("harbour.housed", "routes", f"{OF_FLOW}.routes"),
            ("harbour.granted", "months", f"{OF_VALUE}.months"),
            ("harbour.granted", "parameter", f"{OF_VALUE}.parameter"),
        ],
    )
    def test_say_what_a_flow_and_a_value_need(self, content, series_id, key, place):
        table = part(content, "measurements", series_id)
        del table[key]

        assert faults_of(content) == [(place, f"is missing: a {table['measured']} needs it.")]

    def test_are_of_a_stock_in_which_somebody_can_be(self, content):
        content["groups"].append({"name": "sailor", "title": {"nl": "zeeman", "en": "sailor"}})
        content["compartments"].append({**waiting(content), "group": "sailor"})
        content["entries"][0]["into"] = [["sailor/waiting", 0.5], ["guest/intake", 0.5]]
        part(content, "measurements", "harbour.waiting").update(
            groups=["sailor"], stages=["refused"]
        )

        assert faults_of(content) == [(OF_STOCK, "measures no compartment.")]
