"""A privacy budget in the ledger: shared, lasting, refused when spent."""

import json
import subprocess
import sys
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from kohort.errors import IntegrityError
from kohort.hosting import Ledger, LedgerBudget
from kohort.release import DifferentialPrivacy, OutputRules

TABLE = pl.DataFrame({"sex": ["f", "m"], "n": [300, 400]})


def rules(budget, rho=0.04):
    return OutputRules(protection=DifferentialPrivacy(rho=rho, budget=budget))


def test_it_pays_for_releases(tmp_path):
    pytest.importorskip("opendp", reason="the extra 'privacy' is not installed")
    budget = LedgerBudget(Ledger(tmp_path), 0.1)
    for _ in range(2):
        kh.release_table(TABLE, dimensions=["sex"], rules=rules(budget))
    with pytest.raises(kh.BudgetSpent, match=r"costs rho 0.04 of a privacy budget that has 0.02 left"):
        kh.release_table(TABLE, dimensions=["sex"], rules=rules(budget))
    entries = Ledger(tmp_path).entries
    assert [entry.kind for entry in entries] == ["budget-spent"] * 2
    assert entries[0].body == {"rho": "0.04", "total": "0.1", "what": "2 inner cells of a table of sex"}
    assert repr(budget) == "LedgerBudget: 0.08 of rho 0.1 spent, 0.02 left"


def test_everybody_spends_from_the_same(tmp_path):
    first, second = (LedgerBudget(Ledger(tmp_path), 0.05) for _ in range(2))
    first.spend(0.03, "a")
    with pytest.raises(kh.BudgetSpent):
        second.spend(0.03, "b")
    second.spend(0.02, "c")
    assert first.remaining == second.remaining == 0


def test_processes_do_not_overspend(tmp_path):
    code = f"""
import kohort as kh
from kohort.hosting import Ledger, LedgerBudget
budget, paid = LedgerBudget(Ledger({str(tmp_path)!r}), 0.2), 0
for _ in range(15):
    try:
        budget.spend(0.01, "x")
        paid += 1
    except kh.BudgetSpent:
        pass
print(paid)
"""
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=None) for _ in range(2)
    ]
    assert sum(int(one.communicate()[0]) for one in running) == 20
    assert LedgerBudget(Ledger(tmp_path), 0.2).remaining == 0


def test_a_changed_ledger_pays_nothing(tmp_path):
    budget = LedgerBudget(Ledger(tmp_path), 1.0)
    budget.spend(0.5, "a")
    (day,) = Path(tmp_path).glob("*.jsonl")
    day.write_text(day.read_text().replace("0.5", "0.1"))
    with pytest.raises(IntegrityError):
        LedgerBudget(Ledger(tmp_path), 1.0).spend(0.1, "b")


def test_an_entry_that_cannot_be_read_pays_nothing(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.append("budget-spent", {"epsilon": json.dumps(1)})
    with pytest.raises(IntegrityError, match="entry 1 of the ledger is no cost"):
        LedgerBudget(ledger, 1.0).spend(0.1, "b")


def test_a_smaller_budget_later(tmp_path):
    LedgerBudget(Ledger(tmp_path), 1.0).spend(0.5, "a")
    later = LedgerBudget(Ledger(tmp_path), 0.3)
    assert later.remaining == 0
    with pytest.raises(kh.BudgetSpent, match="has 0 left"):
        later.spend(0.1, "b")


@pytest.mark.parametrize("rho", [0, -1, float("nan"), True, "1"])
def test_refusals(tmp_path, rho):
    with pytest.raises(kh.ArgumentError, match="positive number"):
        LedgerBudget(Ledger(tmp_path), rho)
    with pytest.raises(kh.ArgumentError, match="positive number"):
        LedgerBudget(Ledger(tmp_path), 1.0).spend(rho, "x")
