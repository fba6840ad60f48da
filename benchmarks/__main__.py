"""`python -m benchmarks [--quick] [NAME…]`: measures, and prints each figure beside its target."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import accept, acks, incidents, ladder, others, reply, start, typeahead, watch
from benchmarks.figures import CouldNotRun, Figure, line

Measure = Callable[[bool], Iterator[Figure]]

BENCHMARKS: Mapping[str, tuple[str, Measure]] = {
    "accept": ("Accepting commands, against bare Bolt apps that only acknowledge", accept.measure),
    "acks": ("Acknowledging while every GitLab call takes 2 s", acks.measure),
    "incidents": ("Words between Slack and GitLab, against a bare comment", incidents.measure),
    "ladder": ("Climbing the ladder, against single requests to the same GitLab", ladder.measure),
    "others": ("Answering people while somebody else floods, against the same without", others.measure),
    "reply": ("Reading the reply of a long log, against a scan of its lines", reply.measure),
    "typeahead": ("Finding projects while somebody types, against acknowledging commands", typeahead.measure),
    "watch": ("Watching many jobs", watch.measure),
    "start": ("Starting, against importing the same packages", start.measure),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is named, or all; 0 whatever was measured, 1 if something could not be measured."""
    options = _parser().parse_args(arguments)
    unknown = set(options.names) - BENCHMARKS.keys()
    if unknown:
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.")
        return 1
    began = time.monotonic()
    found = [_run(name, options.quick) for name in options.names or BENCHMARKS]
    figures = [figure for each in found for figure in each.figures]
    met = sum(figure.met for figure in figures)
    print(f"{met} of {len(figures)} figures met, in {time.monotonic() - began:.0f} s.")
    return 0 if all(each.complete for each in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Signalbox, as ratios.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller files")
    return parser


@dataclass(frozen=True, slots=True)
class _Found:
    figures: tuple[Figure, ...]
    complete: bool


def _run(name: str, quick: bool) -> _Found:
    """Measure and print; what cannot be measured does not keep the others from being."""
    title, measure = BENCHMARKS[name]
    print(f"{name}: {title}", flush=True)
    figures: list[Figure] = []
    try:
        for figure in measure(quick):
            print(line(figure), flush=True)
            figures.append(figure)
    except CouldNotRun as error:
        print(f"Could not measure {name}: {error}\n", file=sys.stderr)
        return _Found(tuple(figures), complete=False)
    print()
    return _Found(tuple(figures), complete=True)


if __name__ == "__main__":
    sys.exit(main())
