"""What the cloud takes as a document number the agent takes as a name: else its device stops."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tillbridge.kernel import text as cloud
from tillbridge.kernel.errors import Refused
from tillbridge_agent import model
from tillbridge_agent.errors import Malformed

RESERVED = sorted(model._RESERVED_ON_WINDOWS)
LOOKALIKES = str.maketrans({"i": "\u0131", "c": "\u217d", "o": "\u043e", "1": "\uff11"})
NEARLY_RESERVED = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(
            [*RESERVED, *(name.translate(LOOKALIKES) for name in RESERVED), "CON\u0130N$", ".tillbridge-"]
        ),
        st.sampled_from(["", " ", "\u00a0", ".", ".x", "0", "\u0307", "-1"]),
    ),
)
NUMBERS = st.one_of(st.text(max_size=60), NEARLY_RESERVED, NEARLY_RESERVED.map(str.upper))


@pytest.mark.parametrize("system", ["posix", "nt"])
@pytest.mark.parametrize("ending", ["in", "out"])
@given(number=NUMBERS)
@example(number="con\u0131n$")
@example(number="CON\u0130N$")
@example(number="x" * 120)
def test_what_the_cloud_takes_the_agent_takes(system: str, ending: str, number: str) -> None:
    try:
        stem = cloud.safe_file_stem(number, field="number")
    except Refused:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "_ON_WINDOWS", system == "nt")
        assert model.file_name({"name": f"{stem}.{ending}"}) == f"{stem}.{ending}"


@given(
    name=st.sampled_from(RESERVED).flatmap(
        lambda name: st.tuples(*(st.sampled_from([sign, sign.upper()]) for sign in name)).map("".join)
    ),
    rest=st.sampled_from(["", ".x", " .x", ".1.2"]),
)
def test_what_windows_reserves_neither_takes(name: str, rest: str) -> None:
    with pytest.raises(Refused):
        cloud.safe_file_stem(name + rest, field="number")
    with pytest.raises(Malformed):
        model.file_name({"name": f"{name}{rest}.in"})
