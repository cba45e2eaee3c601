# SPDX-License-Identifier: EUPL-1.2
"""The settings: read once, and nothing unknown or impossible let in."""

from pathlib import Path

import pytest

from models.errors import InvalidInput
from service.settings import Settings


class TestSettings:
    def test_listens_to_this_machine_only_unless_told_otherwise(self):
        settings = Settings.read({})

        assert (settings.host, settings.port) == ("127.0.0.1", 8000)

    def test_keeps_the_database_with_everything_else_that_is_written(self, tmp_path: Path):
        settings = Settings.read({"GETIJ_DATA_DIR": str(tmp_path)})

        assert settings.database.startswith("sqlite:///")
        assert Path(settings.database.removeprefix("sqlite:///")).parent == tmp_path

    def test_takes_another_database_by_its_address(self):
        settings = Settings.read({"GETIJ_DATABASE_URL": "postgresql://h/d"})

        assert settings.database == "postgresql://h/d"

    def test_reads_host_names_from_a_list(self):
        settings = Settings.read({"GETIJ_ALLOWED_HOSTS": "getij.example, localhost"})

        assert settings.allowed_hosts == ("getij.example", "localhost")

    def test_leaves_the_variables_of_others_alone(self):
        assert Settings.read({"HOME": "/root", "PORT": "1"}) == Settings()

    def test_refuses_a_variable_it_does_not_know(self):
        with pytest.raises(InvalidInput, match="GETIJ_PROT is not a setting"):
            Settings.read({"GETIJ_PROT": "8000"})

    def test_names_everything_that_is_wrong_at_once(self):
        with pytest.raises(InvalidInput) as caught:
            Settings.read({"GETIJ_PORT": "many", "GETIJ_OCCUPANCY_NORM": "1.2", "GETIJ_X": ""})

        for name in ("GETIJ_PORT", "GETIJ_OCCUPANCY_NORM", "GETIJ_X"):
            assert name in str(caught.value)

    def test_never_repeats_a_value_that_may_be_secret(self):
        address = "postgresql://getij:hunter2@h/d"

        assert "hunter2" not in repr(Settings(database_url=address))
        with pytest.raises(InvalidInput) as caught:
            Settings.read({"GETIJ_PORT": "hunter2"})
        assert "hunter2" not in str(caught.value)
