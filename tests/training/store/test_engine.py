# SPDX-License-Identifier: EUPL-1.2
"""How SQLite is opened, and which addresses are refused."""

import pytest
from sqlalchemy.exc import OperationalError

from models.errors import InvalidInput
from training.store.engine import engine_for, reading, writing


@pytest.fixture
def engine(tmp_path):
    engine = engine_for(f"sqlite:///{tmp_path / 'new folder' / 'getij.db'}")
    yield engine
    engine.dispose()


class TestSqlite:
    def test_loses_no_acknowledged_row_and_never_uses_wal(self, engine):
        with writing(engine) as connection:
            settings = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "mmap_size")
            }

        assert settings == {
            "journal_mode": "delete",
            "synchronous": 3,  # EXTRA
            "foreign_keys": 1,
            "mmap_size": 0,
        }

    def test_lets_a_reader_read_on_while_another_prepares_to_write(self, engine):
        with writing(engine) as writer:
            writer.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        with reading(engine) as reader, writing(engine) as writer:
            writer.exec_driver_sql("INSERT INTO t VALUES (1)")

            assert reader.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
            reader.rollback()  # a commit waits for readers

    def test_waits_for_its_turn_to_write(self, tmp_path):
        engine = engine_for(f"sqlite:///{tmp_path / 'getij.db'}")
        with writing(engine), engine.connect() as second:
            second.connection.execute("PRAGMA busy_timeout = 10")  # not the usual 30 s

            with pytest.raises(OperationalError, match="locked"):
                second.exec_driver_sql("SELECT 1")  # refused at BEGIN, before it read anything
        engine.dispose()

    def test_undoes_everything_when_a_write_fails(self, engine):
        def fail_halfway():
            with writing(engine) as connection:
                connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
                raise LookupError

        with pytest.raises(LookupError):
            fail_halfway()
        with reading(engine) as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0


class TestAddress:
    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("", "cannot be read"),
            ("getij.db", "cannot be read"),
            ("mysql://user:secret@host/getij", "SQLite or PostgreSQL"),
            ("sqlite://", "needs a file"),
            ("sqlite:///:memory:", "needs a file"),
        ],
    )
    def test_is_refused_without_repeating_a_password(self, address, reason):
        with pytest.raises(InvalidInput, match=reason) as refusal:
            engine_for(address)
        assert "secret" not in str(refusal.value)
