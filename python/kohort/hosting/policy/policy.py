"""A policy: the words of an authorization as a file that kohort reads, explains and obeys."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kohort.errors import ArgumentError, PolicyError
from kohort.hosting.policy.faults import faults_of
from kohort.hosting.policy.schema import Document
from kohort.hosting.toml import parse
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from kohort.hosting.policy.difference import PolicyDiff

_PRESETS = files("kohort.hosting.policy").joinpath("presets")
PRESETS = ("emc2", "omop-eu", "open-data", "opensafely-like", "snds-research")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Policy:
    """Who may use the data for what, until when, on which host, and what may leave.

    Made by :meth:`load`, from a TOML file or the name of a preset. kohort enforces what the file declares; it cannot
    know whether the declarations are true, and never says that something is compliant.

    Attributes
    ----------
    document
        The sections of the file, validated.
    rules
        The output rules that every release obeys.
    text
        The file as it was read, comments included.

    Examples
    --------
    >>> import kohort as kh
    >>> policy = kh.Policy.load("emc2")
    >>> policy.document.authorization.reference
    'Délibération 2023-146'
    >>> policy.rules.min_cell
    11
    """

    document: Document
    rules: OutputRules
    text: str

    @classmethod
    def load(cls, source: str | Path) -> Policy:
        """Read a policy from a TOML file, or a preset by its name.

        Parameters
        ----------
        source
            The path of a file, or ``"emc2"``, ``"snds-research"``, ``"omop-eu"``, ``"opensafely-like"``,
            ``"open-data"``.

        Returns
        -------
        Policy
            The policy, validated.

        Raises
        ------
        PolicyError
            If the file cannot be read as TOML, or does not say what a policy must; every fault is named at once.
        FileNotFoundError
            If there is no such file, nor a preset of that name.
        """
        if isinstance(source, str) and source in PRESETS:
            return cls.parse(preset_text(source), source)
        path = Path(source)
        if not path.is_file():
            raise FileNotFoundError(f"there is no policy file {str(source)!r}; presets are {', '.join(PRESETS)}")
        return cls.parse(path.read_text(encoding="utf-8"), path.name)

    @classmethod
    def parse(cls, text: str, name: str = "policy") -> Policy:
        """Read a policy from the text of a TOML file; `name` stands in messages.

        Raises
        ------
        PolicyError
            As :meth:`load`.
        """
        data = parse(text, name)
        outputs = data.pop("outputs", None)
        faults: list[str] = []
        document = rules = None
        try:
            document = Document.model_validate(data)
        except ValidationError as error:
            faults += faults_of(error, data)
        try:
            rules = _output_rules(outputs)
        except ArgumentError as error:
            faults.append(f"outputs: {error}")
        if document is None or rules is None:
            raise PolicyError(name, faults)
        return cls(document, rules, text)

    @property
    def id(self) -> str:
        """The name of the policy."""
        return self.document.policy.id

    @property
    def hash(self) -> str:
        """SHA-256 of what the policy says; comments and the order of fields do not count."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the sections and their fields, as JSON has them."""
        return {**self.document.model_dump(mode="json"), "outputs": rules_as_dict(self.rules)}

    def unknown(self) -> list[str]:
        """Return the names of the fields that the controller has not established; each is a refusal where needed."""
        found = []
        for section, values in self.document.model_dump(mode="json").items():
            if isinstance(values, dict):
                found += [f"{section}.{name}" for name, value in values.items() if value == "unknown"]
        return found

    def explain(self) -> str:
        """Say in prose what the policy allows, demands and refuses."""
        from kohort.hosting.policy.prose import explanation  # noqa: PLC0415 - it reads Policy

        return explanation(self)

    def to_html(self) -> str:
        """Return the sheet of the policy as a page of its own, light or dark as its reader prefers."""
        from kohort.hosting.policy.prose import page  # noqa: PLC0415 - it reads Policy

        return page(self)

    def diff(self, other: Policy) -> PolicyDiff:
        """Return what another policy says otherwise, field by field.

        Parameters
        ----------
        other
            The policy to compare with; "after" in the difference.
        """
        from kohort.hosting.policy.difference import difference  # noqa: PLC0415 - it reads Policy

        return difference(self, other)

    def __repr__(self) -> str:
        until = self.document.authorization.not_after
        return f"Policy {self.id!r}: {self.document.policy.title}" + (f", until {until}" if until else "")

    def _repr_html_(self) -> str:
        from kohort.hosting.policy.prose import sheet  # noqa: PLC0415 - it reads Policy

        return sheet(self)


def preset_text(name: str) -> str:
    """Return the file of a preset, to print, copy and edit.

    Raises
    ------
    PolicyError
        If there is no preset of that name.

    Examples
    --------
    >>> preset_text("open-data").splitlines()[0]
    '# Open data: anyone may use them, for any lawful purpose; outputs still go through the gate.'
    """
    if name not in PRESETS:
        raise PolicyError(name, [f"there is no such preset: there are {', '.join(PRESETS)}"])
    return _PRESETS.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def rules_as_dict(rules: OutputRules) -> dict[str, Any]:
    """Return output rules by the names that a policy file gives them."""
    values = {field.name: getattr(rules, field.name) for field in fields(rules)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _output_rules(outputs: Any) -> OutputRules:
    if not isinstance(outputs, dict):
        raise ArgumentError("the section [outputs] is missing: give at least min_cell")
    known = [field.name for field in fields(OutputRules)]
    strange = [name for name in outputs if name not in known]
    if strange:
        raise ArgumentError(f"{strange[0]} is no output rule: there are {', '.join(known)}")
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in outputs.items()}
    return OutputRules(**values)
