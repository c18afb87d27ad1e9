"""How does a network learn to write?

    python examples/characters.py

It reads a text character by character and guesses the next one. Two networks do it, one with a memory and one that looks back:

    LSTM          carries what it has read in two vectors, h and c (Hochreiter & Schmidhuber 1997)
    Transformer   sees the last characters themselves, and attends to those that matter (Vaswani et al. 2017)

The text is a rhyme that grows, "The House That Jack Built" (Randolph Caldecott's words, 1878): each verse is a new line and all the
lines before. The last verse is held out. Its first line is new and is given; a network that has understood how the rhyme grows knows
the rest. How well is measured by the perplexity exp(loss): among how many characters does it still hesitate? A network that knows
nothing hesitates among all of the alphabet, and its loss is ln C. (Guessing is hardest where a verse begins.)

It takes well under a minute on two cores. (CS231n, "Recurrent neural networks"; Karpathy 2015, min-char-rnn.)
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from math import exp, log
from typing import Any

import numpy as np

import autograd
import nn
import optim
from nn.data import ArrayDataset, DataLoader
from nn.training import Trainer

Array = np.ndarray[Any, Any]

LINES = [
    "the house that Jack built.",
    "the malt, that lay in",
    "the rat, that ate",
    "the cat, that killed",
    "the dog, that worried",
    "the cow with the crumpled horn, that tossed",
    "the maiden all forlorn, that milked",
    "the man all tattered and torn, that kissed",
    "the priest all shaven and shorn, that married",
    "the cock that crowed in the morn, that waked",
    "the farmer who sowed the corn, that fed",
]


def verse(number: int) -> str:
    """The verse that begins with a line, and goes back to the house."""
    return "This is " + "\n".join(reversed(LINES[:number])) + "\n\n"


class LSTM(nn.Module):
    """Integers (N, L) -> scores (N, L, characters) for the character after each."""

    def __init__(self, characters: int, hidden: int = 64) -> None:
        self.characters = characters
        self.token = nn.Embedding(characters, hidden)
        self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
        self.head = nn.Linear(hidden, characters)

    def forward(self, x: Any) -> Any:
        return self.head(self.lstm(self.token(x))[0])

    def generate(self, start: Sequence[int], length: int, temperature: float, rng: np.random.Generator) -> list[int]:
        """Continue a text by so many characters: each is drawn, and read by the network before the next one."""
        text, unread, state = list(start), list(start), None
        with autograd.no_grad():
            for _ in range(length):
                y, state = self.lstm(self.token(np.array([unread])), state)
                p = nn.functional.softmax(self.head(y[0, -1]).data / temperature)
                unread = [int(rng.choice(self.characters, p=p / p.sum()))]
                text += unread
        return text


def loss(scores: Any, target: Any) -> Any:
    """The mean over all places of -ln p(the character that really comes)."""
    return nn.functional.cross_entropy(scores.reshape((-1, scores.shape[-1])), target.reshape(-1))


def perplexity(model: nn.Module, codes: Array, read: int, context: int) -> float:
    """exp(loss) for the characters after the first `read` ones; each is guessed from the `context` characters before it."""
    places = np.arange(max(read, context), len(codes))
    windows = codes[places[:, None] + np.arange(-context, 0)]
    model.eval()
    with autograd.no_grad():
        return exp(loss(model(windows)[:, -1], codes[places]).item())


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    """Run the example; returns the perplexities."""
    parser = argparse.ArgumentParser(description="Train an LSTM and a Transformer to write a rhyme.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--epochs", type=int, default=15, help="how often the text is seen from each place")
    parser.add_argument("--context", type=int, default=40, help="characters that are read at a time")
    parser.add_argument("--length", type=int, default=200, help="characters that are written")
    parser.add_argument("--temperature", type=float, default=0.5, help="of the writing: the lower the more predictable")
    parser.add_argument("--seed", type=int, default=0, help="of the weights, the order and the writing")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args(arguments)

    # ---- text -> numbers ----
    text, last = "".join(verse(number) for number in range(1, len(LINES))), verse(len(LINES))
    alphabet = sorted(set(text + last))
    code = {character: number for number, character in enumerate(alphabet)}
    codes, held_out = (np.array([code[character] for character in part]) for part in (text, last))
    starts = np.arange(0, len(codes) - options.context - 1, 4)
    x, t = (np.stack([codes[i + shift:i + shift + options.context] for i in starts]) for shift in (0, 1))
    read = len("This is " + LINES[-1])
    print(f"{len(text)} characters to learn from, {len(last)} held out; an alphabet of {len(alphabet)}: ln C = {log(len(alphabet)):.2f}\n")

    result: dict[str, float] = {"nothing": float(len(alphabet))}
    for name in ("LSTM", "Transformer"):
        autograd.random.seed(options.seed)
        model: Any = LSTM(len(alphabet)) if name == "LSTM" else nn.models.CharTransformer(len(alphabet), options.context, dropout=0.0)
        batches = DataLoader(ArrayDataset(x, t), batch_size=32, shuffle=True, seed=options.seed)
        optimizer = optim.Adam(model.parameters(), lr=3e-3)
        schedule = optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=options.epochs * len(batches))
        trainer = Trainer(model, loss, optimizer, scheduler=schedule, schedule="step", clip_norm=1.0, progress=not options.quiet)
        history = trainer.fit(batches, epochs=options.epochs)

        result[name] = perplexity(model, held_out, read, options.context)
        print(f"{name}: perplexity {exp(history.epochs[-1]['loss']):.2f} on what it learned from, {result[name]:.2f} on the verse held out")
        model.eval()
        start = [code[character] for character in "This is the "]
        written = model.generate(start, options.length, options.temperature, np.random.default_rng(options.seed))
        print("    " + "".join(alphabet[number] for number in written).strip().replace("\n", "\n    "), end="\n\n")
    return result


if __name__ == "__main__":
    main()
