"""What somebody looks for is found, in pages that leave nothing out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.entries import Category, Reason, category_of
from sync.hub.card import Asked, Card
from sync.hub.facts import Standing
from sync.hub.finding import PAGE, SOON_DAYS, Order, Show, Wish, find
from sync.statement.policy import DAY_MS

NOW_MS = 1_800_000_000_000
VENUES = ("a" * 16, "b" * 16)


@st.composite
def cards(draw: st.DrawFn) -> tuple[Card, ...]:
    reasons = draw(st.lists(st.sampled_from(Reason), max_size=2 * PAGE + 3))
    return tuple(
        Card(
            entry_id=f"{number:016x}",
            standing=draw(st.sampled_from([Standing.LIVE, Standing.WAITING, Standing.CONTESTED])),
            category=category_of(reason),
            reason=reason,
            scope="consortium",
            venue_id=draw(st.sampled_from(VENUES)),
            created_ms=NOW_MS,
            until_ms=NOW_MS + draw(st.integers(1, 60)) * DAY_MS,
            incident_on="2026-01-02",
            evidence=draw(st.sampled_from(["Book 1", "book 2", "tape ÄÖ"])),
            revision=1,
            seq=number,
            changed_ms=NOW_MS,
            templates=1,
            model_id="model",
            asked=draw(st.sampled_from([None, Asked("put", VENUES[0], NOW_MS)])),
            note=draw(st.sampled_from(["", "Tall"])),
        )
        for number, reason in enumerate(reasons)
    )


wishes = st.builds(
    Wish,
    words=st.sampled_from(["", "  ", "BOOK", "book tall", "äö", "nothing like it"]),
    venue_id=st.sampled_from(["", VENUES[0], "nobody"]),
    category=st.sampled_from([None, *Category]),
    show=st.sampled_from(Show),
    order=st.sampled_from(Order),
)


def every_page(known: tuple[Card, ...], wish: Wish) -> list[Card]:
    pages = find(known, wish, NOW_MS).pages
    wishes = (Wish(**{**_fields(wish), "page": page}) for page in range(1, pages + 1))
    return [card for one in wishes for card in find(known, one, NOW_MS).cards]


def _fields(wish: Wish) -> dict[str, object]:
    return {name: getattr(wish, name) for name in wish.__dataclass_fields__}


@settings(max_examples=40)
@given(cards(), wishes)
def test_pages_hold_each_entry_that_fits_once(known: tuple[Card, ...], wish: Wish) -> None:
    found = every_page(known, wish)
    assert len({card.entry_id for card in found}) == len(found) == find(known, wish, NOW_MS).total
    assert set(found) <= set(known)


@settings(max_examples=40)
@given(cards(), wishes)
def test_each_part_of_a_wish_holds_for_what_is_found(known: tuple[Card, ...], wish: Wish) -> None:
    for card in every_page(known, wish):
        assert all(word in card.text for word in wish.words.casefold().split())
        assert wish.venue_id in {"", card.venue_id}
        assert wish.category in {None, card.category}
        assert wish.show is not Show.WAITING or card.asked
        assert wish.show is not Show.CONTESTED or card.standing is Standing.CONTESTED
        soon = card.until_ms <= NOW_MS + SOON_DAYS * DAY_MS
        assert wish.show is not Show.ENDING or (soon and card.standing is not Standing.WAITING)


@settings(max_examples=30)
@given(cards())
def test_who_wishes_nothing_finds_all_in_the_order_given(known: tuple[Card, ...]) -> None:
    assert every_page(known, Wish()) == list(known)
    ends = [card.until_ms for card in every_page(known, Wish(order=Order.ENDING))]
    assert ends == sorted(ends)


@settings(max_examples=30)
@given(cards(), st.integers(-1, 99))
def test_a_page_that_is_not_there_is_the_nearest(known: tuple[Card, ...], page: int) -> None:
    found = find(known, Wish(page=page), NOW_MS)
    assert 1 <= found.page <= found.pages
    assert bool(found.cards) == bool(known)


def test_an_empty_list_has_one_empty_page() -> None:
    found = find((), Wish(), NOW_MS)
    assert (found.cards, found.total, found.page, found.pages) == ((), 0, 1, 1)
