"""Each service and each type of work that generation 1 has comes from somewhere, or it is said whose work it is."""

from blocks.origins import CONNECTORS, FOREIGN, brought

from jobreport.model.catalog import GENERATION_1_SERVICES, GENERATION_1_TYPES


def test_every_service_has_an_origin() -> None:
    """One that says so itself, or another endpoint that has its jobs; a program that somebody may write is none."""
    there = brought()
    assert {one for one in GENERATION_1_SERVICES if one not in there} <= set(CONNECTORS["jobreport"])


def test_every_type_has_an_origin_or_a_reason() -> None:
    """What no origin brings is the work of a foreign system, and the page says which."""
    there = {kind for kinds in brought().values() for kind in kinds}
    assert len(GENERATION_1_TYPES) == 35
    assert set(FOREIGN) == set(GENERATION_1_TYPES) - there
    assert all(FOREIGN.values())
