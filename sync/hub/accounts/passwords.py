"""Which passwords are refused: short ones, and those that guessers try first.

ASVS 2.1: at least twelve characters, any of Unicode, no rules about kinds of characters, no end
date; refused is what stands on lists of leaked passwords. Of those lists the long ones are walks
over the keyboard, repetitions, and a common word with digits behind it, so these are refused as
families: that covers more than a list that is shipped, and does not get old.
"""

import re
import unicodedata
from itertools import pairwise

from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.stretching import Costs, Stretched, fresh_recipe, stretched

SHORTEST, LONGEST = 12, 128
"""Characters of a password."""

_ROWS = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
_FEWEST_DIFFERENT = 5
_MOST_WALKED = 0.7
_LEAST_OWN = 5
"""Characters that have to be left when digits, signs and common words are taken out."""

_LOOKS_LIKE = str.maketrans("013457@$!", "oieastasi")
_COMMON = frozenset(
    """
    abc admin administrator adobe alexander alone and angel apple asdf avril baby bailey banana
    barcelona baseball basketball batman beautiful bieber biscuit blessed bond bouncer butter
    butterfly changeme charlie chelsea chocolate christopher club combat computer cookie
    cosmopolitan counterstrike cullen dallas daniel default demo diamond dich direction
    doorwatch dragon edward elizabeth ericsson evil fallen family fantasy fast ferrari final
    football forever friday friends fuck fucker fuckyou game gandalf get ginger god google guest
    hannah hate hello heterosexual hockey hunter ich iloveyou international internazionale
    internet jackson james jason jennifer jessica jesus john jordan joshua justin kartoffel
    killer lavigne leave letmein liebe linkedin liverpool login london love lover loveyou
    manager manchester master matrix matthew me mega melissa michael michelle minecraft modern
    monday money monkey monster montana mother music mustang my nach naruto needforspeed nicole
    night nightclub november october one parol pass password patrick peanut pepper playstation
    please pokemon princess professional purple qaz qazwsx qwe qwer qwert qwerty rainbow rangers
    red resident robert root samantha samsung saturday secret security seniseviyorum september
    shadow silver sister soccer sonnenschein sony spiderman star starwars stratocaster strike
    success summer sunday sunshine super superman supernatural sweet taylor telechargement temp
    test thank the there this thomas thunder tigger transformers trust trustno united user venue
    victoria welcome whatever william winter with you your zaq zxc zxcvbn
    """.split()  # noqa: SIM905 - a hundred quoted words are harder to read
)
"""Words around which leaked passwords are built, and those that lie near at hand here."""


def choose(password: str, costs: Costs, *known: str) -> Stretched:
    """Stretch a new password; takes its time on purpose, so call it on a thread.

    Raises:
        AccountError: It is refused, as ``check_password`` says.
    """
    check_password(password, *known)
    return stretched(password, fresh_recipe(costs))


def check_password(password: str, *known: str) -> None:
    """Refuse a password that somebody would guess.

    Args:
        password: As it was typed.
        known: What stands beside it: login, name, venue.

    Raises:
        AccountError: SHORT, LONG, COMMON or NAMED.
    """
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise AccountError(Problem.SHORT, f"give {SHORTEST} characters or more")
    if len(plain) > LONGEST:
        raise AccountError(Problem.LONG, f"give at most {LONGEST} characters")
    folded = plain.casefold()
    if _is_pattern(folded) or len(_own(folded, _COMMON)) < _LEAST_OWN:
        raise AccountError(Problem.COMMON, "guessers try this one early: put more words together")
    words = {word for one in known for word in _words(one)}
    if len(_own(folded, _COMMON | words)) < _LEAST_OWN:
        raise AccountError(Problem.NAMED, "this is hardly more than a name that others know")


def _is_pattern(text: str) -> bool:
    """Tell whether a text is digits alone, a few characters, a repetition or a keyboard's walk."""
    if len(set(text)) < _FEWEST_DIFFERENT or not re.search(r"[^\W\d_]", text):
        return True
    if re.fullmatch(r"(.{1,6})\1+.{0,5}|(.+)\2+", text):
        return True
    steps = list(pairwise(text))
    return sum(_beside(*step) for step in steps) > _MOST_WALKED * len(steps)


def _beside(first: str, second: str) -> bool:
    """Tell whether two characters follow each other: the same, the next one, the next key."""
    if abs(ord(first) - ord(second)) <= 1:
        return True
    here, there = _key(first), _key(second)
    if here is None or there is None:
        return False
    return abs(here[0] - there[0]) <= 1 and abs(here[1] - there[1]) <= 1


def _key(character: str) -> tuple[int, int] | None:
    for number, row in enumerate(_ROWS):
        column = row.find(character)
        if column >= 0:
            return number, column - (number == 0)  # the digits stand one key further right
    return None


def _own(text: str, words: frozenset[str] | set[str]) -> str:
    """Leave out digits, signs and known words, longest first; what is left is somebody's own."""
    spelt_out = text.translate(_LOOKS_LIKE)
    return min(_taken_out(text, words), _taken_out(spelt_out, words), key=len)


def _taken_out(text: str, words: frozenset[str] | set[str]) -> str:
    letters = re.sub(r"[\W\d_]+", "", text)
    for word in sorted(words, key=len, reverse=True):
        letters = letters.replace(word, "")
    return letters


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W\d_]+", text.casefold()) if len(word) >= 3]
