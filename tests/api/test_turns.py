"""How small questions stand in line."""

from __future__ import annotations

import time
from threading import Event, Thread

from suyuan.api._turns import Turns


def test_who_comes_first_is_served_first() -> None:
    turns, served = Turns(lasts_s=60), list[int]()

    def come(name: int) -> None:
        with turns.turn():
            served.append(name)

    with turns.turn():
        threads = []
        for name in range(8):
            threads.append(Thread(target=come, args=(name,)))
            threads[-1].start()
            deadline = time.monotonic() + 30
            while len(turns._line) <= name and time.monotonic() < deadline:
                time.sleep(0.001)
        assert served == []
    for thread in threads:
        thread.join(10)
    assert served == list(range(8))


def test_one_works_at_a_time() -> None:
    turns, most = Turns(lasts_s=60), list[int]()
    inside: set[int] = set()

    def come(name: int) -> None:
        for _ in range(50):
            with turns.turn():
                inside.add(name)
                most.append(len(inside))
                inside.discard(name)

    threads = [Thread(target=come, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1] * 300


def test_nobody_waits_for_a_large_question_and_it_ends_no_turn_but_its_own() -> None:
    turns, served, is_over = Turns(lasts_s=0.05), list[int](), Event()

    def take_long() -> None:
        with turns.turn():
            is_over.wait(30)

    large = Thread(target=take_long)
    large.start()

    def come(name: int) -> None:
        with turns.turn():
            served.append(name)

    small = [Thread(target=come, args=(name,)) for name in (1, 2, 3)]
    for thread in small:
        thread.start()
    for thread in small:
        thread.join(10)
    assert sorted(served) == [1, 2, 3]
    assert large.is_alive()
    with turns.turn():  # The large question ends while somebody else has a turn.
        is_over.set()
        large.join(10)
        assert turns._is_taken
    assert not turns._is_taken
