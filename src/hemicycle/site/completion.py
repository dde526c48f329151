"""`hemicycle completion SHELL`: print a script that completes our command in bash, zsh or fish.

Its words come from the help of each command, which each command prints without any other effect (a
test verifies this).
"""

import argparse
import re
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout, suppress
from io import StringIO

_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_SUBCOMMAND = re.compile(r"^    ([a-z][a-z-]+)(?: |$)", re.MULTILINE)
WITHOUT = "manage"
"""A command without completion: its help is Django's and lists other kinds of commands."""


def main(arguments: list[str]) -> int:
    """Print the script for one shell."""
    parser = argparse.ArgumentParser(
        prog="hemicycle completion",
        description="Print a script that completes commands and options. For bash: "
        "hemicycle completion bash > /etc/bash_completion.d/hemicycle",
    )
    parser.add_argument("shell", choices=sorted(SCRIPTS))
    options = parser.parse_args(arguments)
    print(SCRIPTS[options.shell](known()), end="")
    return 0


def known() -> dict[str, list[str]]:
    """Return each command with its subcommands and options."""
    from hemicycle.site import cli

    return {
        name: [] if name == WITHOUT else _words(_help_of(name)) for name in sorted(cli.COMMANDS)
    }


def _help_of(name: str) -> str:
    """Return what `hemicycle NAME --help` prints."""
    from hemicycle.site import cli

    shown = StringIO()
    with redirect_stdout(shown), suppress(SystemExit):
        cli.main([name, "--help"])
    return shown.getvalue()


def _words(text: str) -> list[str]:
    return [*dict.fromkeys([*_SUBCOMMAND.findall(text), *_OPTION.findall(text)])]


def _bash(words: Mapping[str, list[str]]) -> str:
    cases = "".join(
        f"    {name}) words={_quoted(' '.join(found))} ;;\n" for name, found in words.items()
    )
    return f"""\
_hemicycle() {{
  local words here=${{COMP_WORDS[COMP_CWORD]}}
  case ${{COMP_CWORD}}:${{COMP_WORDS[1]}} in
    1:*) words={_quoted(" ".join([*words, "--help", "--version"]))} ;;
    *) case ${{COMP_WORDS[1]}} in
{cases}    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$here"))
  [[ $here == -* || ${{#COMPREPLY[@]}} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$here"))
}}
complete -F _hemicycle hemicycle
"""


def _zsh(words: Mapping[str, list[str]]) -> str:
    return "autoload -Uz bashcompinit && bashcompinit\n" + _bash(words)


def _fish(words: Mapping[str, list[str]]) -> str:
    return "".join(f"{line}\n" for line in _fish_lines(words))


def _fish_lines(words: Mapping[str, list[str]]) -> Iterator[str]:
    yield f"complete -c hemicycle -n __fish_use_subcommand -f -a {_quoted(' '.join(words))}"
    yield "complete -c hemicycle -n __fish_use_subcommand -l help -l version"
    for name, found in words.items():
        used = f"complete -c hemicycle -n '__fish_seen_subcommand_from {name}'"
        if own := " ".join(word for word in found if not word.startswith("-")):
            yield f"{used} -f -a {_quoted(own)}"
        for option in found:
            if option.startswith("--"):
                yield f"{used} -l {option.removeprefix('--')}"


def _quoted(text: str) -> str:
    return f"'{text}'"


SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""The function that writes the script, by shell."""
