"""Wrong tries: a few are free, then the waits grow, for one client and for all together."""

from edge.attempts import (
    FREE_TRIES,
    FREE_TRIES_IN_ALL,
    LONGEST_WAIT_S,
    MOST_CLIENTS,
    Allowance,
    Attempts,
)


def tried(times: int, attempts: Attempts | None = None, client: str = "phone") -> Attempts:
    attempts = attempts or Attempts()
    for _ in range(times):
        attempts.count(client, 0.0)
    return attempts


def test_five_tries_are_free_and_the_sixth_waits() -> None:
    assert tried(FREE_TRIES - 1).wait_s("phone", 0.0) == 0
    assert tried(FREE_TRIES).wait_s("phone", 0.0) == 15


def test_each_further_try_waits_twice_as_long_up_to_a_bound() -> None:
    waits = [tried(FREE_TRIES + more).wait_s("phone", 0.0) for more in (1, 2, 50)]
    assert waits == [30, 60, LONGEST_WAIT_S]


def test_one_clients_tries_do_not_shut_out_another() -> None:
    assert tried(FREE_TRIES + 1).wait_s("tablet", 0.0) == 0


def test_many_clients_together_shut_out_everybody() -> None:
    attempts = Attempts()
    for number in range(FREE_TRIES_IN_ALL):
        attempts.count(f"10.0.0.{number}", 0.0)
    assert attempts.wait_s("10.0.1.1", 0.0) == 15


def test_waiting_ends_and_old_tries_are_forgotten() -> None:
    attempts = tried(FREE_TRIES)
    assert attempts.wait_s("phone", 15.0) == 0
    attempts.count("phone", 4000.0)
    assert attempts.wait_s("phone", 4000.0) == 0


def test_the_right_pin_forgives_its_client() -> None:
    attempts = tried(FREE_TRIES)
    attempts.forgive("phone")
    assert attempts.wait_s("phone", 0.0) == 0


def test_whoever_is_right_brings_nobody_nearer_to_a_wait() -> None:
    attempts = Attempts()
    for number in range(4 * FREE_TRIES_IN_ALL):
        tried(2, attempts, f"manager {number}")  # a password, then a code
        attempts.forgive(f"manager {number}")
    assert attempts.wait_s("anybody", 0.0) == 0


def test_memory_of_clients_is_bounded() -> None:
    attempts = Attempts()
    for number in range(2 * MOST_CLIENTS):
        attempts.count(str(number), 0.0)
    assert len(attempts._tries) == MOST_CLIENTS
    assert attempts.wait_s("anybody", 0.0) > 0


def test_what_others_do_makes_nobody_wait_longer_than_was_said() -> None:
    attempts = Attempts(free_in_all=100, longest_in_all_s=60.0)
    waits = []
    for number in range(110):
        attempts.count(f"10.0.0.{number}", 0.0)
        waits.append(attempts.wait_s("10.0.1.1", 0.0))
    assert waits[98:103] == [0, 15, 30, 60, 60]
    assert waits[-1] == 60


def test_an_allowance_fills_up_again_as_its_uses_age() -> None:
    allowance = Allowance(2, window_s=10.0)
    allowance.use(0.0)
    allowance.use(5.0)
    assert [allowance.left(now) for now in (5.0, 10.0, 15.0)] == [0, 1, 2]
