"""Understands one of a few phrases: a line of JSON and samples in, a line of JSON out. Started by sphinx.rs."""

import itertools
import json
import os
import sys

os.nice(5)
try:
    from pocketsphinx import Decoder
except ImportError:
    sys.exit(3)

# Searches that are kept.
GRAMMARS = 64

decoder = Decoder(lm=None, loglevel="FATAL", dither=True, seed=1)
known = {}
numbers = itertools.count()


def grammar(phrases):
    """Name of the search for these phrases, and their words that are in no dictionary."""
    key = "|".join(sorted(phrases))
    if key not in known:
        unknown = {word for phrase in phrases for word in phrase.split() if decoder.lookup_word(word) is None}
        sayable = [phrase for phrase in phrases if not unknown.intersection(phrase.split())]
        if len(known) == GRAMMARS:
            oldest, _ = known.pop(next(iter(known)))
            if oldest is not None:
                decoder.remove_search(oldest)
        name = f"menu-{next(numbers)}"
        if sayable:
            rule = " | ".join(sayable)
            decoder.add_jsgf_string(name, f"#JSGF V1.0; grammar menu; public <choice> = {rule};")
        known[key] = (name if sayable else None, sorted(unknown))
    return known[key]


def understand(phrases, samples):
    """The phrase in the samples, or an empty one."""
    name, unknown = grammar(phrases)
    answer = {"heard": "", "unknown": unknown}
    if name is None:
        return answer
    decoder.activate_search(name)
    decoder.start_utt()
    decoder.process_raw(samples, full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    if found is not None:
        answer["heard"] = found.hypstr
    return answer


print(json.dumps({"ready": True}), flush=True)
while True:
    line = sys.stdin.buffer.readline()
    if not line:
        break
    request = json.loads(line)
    samples = sys.stdin.buffer.read(2 * request["samples"])
    print(json.dumps(understand(request["phrases"], samples)), flush=True)
